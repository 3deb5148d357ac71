import 'ws';

/** An export of `ws` that its types leave out (lib/sender.js). */
declare module 'ws' {
  const Sender: {
    /** Returns the header of a frame, then the data. Without a mask it reads only the length of the data. */
    frame(
      data: { readonly length: number },
      options: {
        readonly fin: boolean;
        readonly opcode: number;
        readonly mask: boolean;
        readonly readOnly: boolean;
        readonly rsv1: boolean;
      },
    ): [header: Buffer, data?: unknown];
  };
}
