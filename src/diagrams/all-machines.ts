import type { AnyStateMachine } from 'xstate';
import { chainMachine, poolMachine, slotMachine, stepMachine, taskMachine } from '../../machines/index.ts';

/** The statecharts that run, from the outside to the inside. */
export const allMachines: readonly AnyStateMachine[] = [
  poolMachine,
  slotMachine,
  taskMachine,
  chainMachine,
  stepMachine,
];
