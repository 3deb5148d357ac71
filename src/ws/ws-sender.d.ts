import 'ws';

/** What `ws` exports beside what its types describe (its lib/sender.js). */
declare module 'ws' {
  const Sender: {
    /** The header of a frame, then its data. */
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
