/** Text of a task on stdout, as it comes. */
export interface TextPrinter {
  print(piece: string): void;
  /** Ends the last line. Prints the answer when nothing of it was streamed. */
  end(answer?: string): void;
}

export function textPrinter({ isSilent }: { readonly isSilent: boolean }): TextPrinter {
  let last = '';

  function print(piece: string): void {
    if (piece === '' || isSilent) return;
    last = piece;
    process.stdout.write(piece);
  }

  return {
    print,
    end(answer = '') {
      if (last === '') print(answer);
      if (last !== '' && !last.endsWith('\n')) print('\n');
    },
  };
}
