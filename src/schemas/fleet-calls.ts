import { Choice, Id, named, PATTERNS, ref, Text } from './common.js';
import { NOT_SENT } from './packet.js';
import { type Static, Type } from './typebox.js';

/** Messages and MI commands for the machines of clusters of OpenSIPS 2.4 to 4.0. */

/** Bytes; a packet has at most 65,515. */
const LONGEST_TEXT = 65_000;
const LONGEST_NAME = 255;
/** More overwrite the stack of releases up to 3.6 (docs/protocol.md). */
export const MOST_PARAMETERS = 15;

const OnlyMachine = Type.Optional(Id('only this machine; by default all that are reached'));

export const MiBody = Type.Object(
  {
    command: Type.String({
      minLength: 1,
      maxLength: LONGEST_NAME,
      pattern: PATTERNS['must be printable ASCII without spaces'],
      description: 'name of the MI command, such as `ul_dump`; from 4.0 on also with a colon',
    }),
    params: Type.Optional(
      Type.Array(Text(LONGEST_TEXT), {
        maxItems: MOST_PARAMETERS,
        description: 'parameters by position; commands that need named parameters cannot be run this way',
      }),
    ),
    machine_id: OnlyMachine,
  },
  { additionalProperties: false, examples: [{ command: 'ul_dump', machine_id: 2 }] },
);
export type MiBody = Static<typeof MiBody>;

export const MessageBody = Type.Object(
  {
    message: Text(LONGEST_TEXT, {
      description: 'passed to the event E_CLUSTERER_REQ_RECEIVED, or for a reply E_CLUSTERER_RPL_RECEIVED',
    }),
    tag: Type.Optional(
      Text(LONGEST_NAME, {
        minLength: 1,
        description: 'by which replies are recognized; by default a random one. A reply needs that of its request',
      }),
    ),
    reply: Type.Optional(Type.Boolean({ default: false, description: 'whether it replies to a message of a machine' })),
    machine_id: OnlyMachine,
  },
  { additionalProperties: false, examples: [{ message: 'reload the blacklist', machine_id: 2 }] },
);
export type MessageBody = Static<typeof MessageBody>;

export const MessageResult = named(
  'MessageResult',
  Type.Object({
    machine_id: Id('machine within the cluster'),
    sent: Type.Boolean({ description: 'passed to the kernel; machines send no answer' }),
    error: Type.Optional(
      Choice(
        ['unreachable', 'unknown_release', ...NOT_SENT],
        'why it was not sent; unreachable: the machine is down, or no machine reaches it; unknown_release: it has announced no capability, so it is not known which messages it understands',
      ),
    ),
  }),
);
export type MessageResult = Static<typeof MessageResult>;

export const MessageAnswer = named(
  'MessageResults',
  Type.Object(
    {
      tag: Type.Optional(Type.String({ description: 'tag of the message; absent for MI commands' })),
      results: Type.Array(ref(MessageResult), { description: 'by machine id' }),
    },
    {
      examples: [
        {
          results: [
            { machine_id: 2, sent: true },
            { machine_id: 3, sent: false, error: 'unknown_release' },
          ],
        },
      ],
    },
  ),
);
export type MessageAnswer = Static<typeof MessageAnswer>;
