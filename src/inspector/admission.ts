import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * What a request asks for below the token; `undefined` when it may not ask. Names of other hosts are refused, because
 * any site can let its name point here; so are other origins.
 */
export function admittedPath(
  { url = '', headers }: IncomingMessage,
  { token, port }: { readonly token: string; readonly port: number },
): string | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host = '', origin } = headers;
  if (!hosts.includes(host) || (origin !== undefined && origin !== `http://${host}`)) return undefined;
  const [, given = '', ...rest] = url.split('/');
  return isSame(given, token) ? rest.join('/') : undefined;
}

function isSame(given: string, token: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(token)];
  return left.length === right.length && timingSafeEqual(left, right);
}
