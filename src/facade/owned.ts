/** Waits for the end of what the caller owns: when he aborts, it is cancelled, and its end waited for all the same. */
export async function owned<End>(
  end: () => Promise<End>,
  { cancel, signal }: { readonly cancel: () => void; readonly signal: AbortSignal | undefined },
): Promise<End> {
  if (signal?.aborted === true) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await end();
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
