import path from 'node:path';
import pc from 'picocolors';
import { diagnose } from '../../index.ts';
import type { Diagnosis } from '../../index.ts';
import { answering } from '../answering.ts';
import { printData } from '../envelope.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { DoctorFlags } from './doctor-command.ts';

/** A diagnosis, and what was done about it. */
interface Report extends Omit<Diagnosis, 'fix'> {
  readonly fixed?: string;
}

/** `claude-pool doctor`. Resolves with the exit code. */
export async function doctor({ cwd, fix, json }: DoctorFlags): Promise<number> {
  let isWell = true;
  const exitCode = await answering({ ...(json !== undefined && { json }) }, async (signal) => {
    const diagnoses = await diagnose({ folder: path.resolve(cwd), env: process.env, signal });
    const reports = await Promise.all(diagnoses.map((each) => reportOf(each, fix === true)));
    isWell = reports.every(({ status, fixed }) => status !== 'error' || fixed !== undefined);
    if (json === true) printData({ well: isWell, diagnoses: reports });
    else process.stdout.write(`${reports.map(linesOf).join('\n')}\n`);
  });
  return exitCode === EXIT_CODES.succeeded && !isWell ? EXIT_CODES.failed : exitCode;
}

async function reportOf({ fix, ...rest }: Diagnosis, isToFix: boolean): Promise<Report> {
  return fix === undefined || !isToFix ? rest : { ...rest, fixed: await fix() };
}

const MARKS = {
  ok: pc.green('ok     '),
  warning: pc.yellow('warning'),
  error: pc.red('error  '),
  fixed: pc.green('fixed  '),
};
const INDENT = `\n${' '.repeat(18)}`;

function linesOf({ check, status, message, remedy, fixed }: Report): string {
  const mark = MARKS[fixed === undefined ? status : 'fixed'];
  const lines = [message, fixed ?? remedy ?? []].flat().join('\n').split('\n');
  return `${mark} ${pc.bold(check.padEnd(9))} ${lines.join(INDENT)}`;
}
