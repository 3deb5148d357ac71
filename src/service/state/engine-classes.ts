import { Deadlines } from '../../domain/deadlines.js';
import { EarlySyncs } from '../../domain/early-syncs.js';
import { Engine } from '../../domain/engine.js';
import { Announcer } from '../../domain/fleet/announcer.js';
import { Assertions } from '../../domain/fleet/assertions.js';
import { Capabilities } from '../../domain/fleet/capabilities.js';
import { Fleet } from '../../domain/fleet/fleet.js';
import { Floods } from '../../domain/fleet/floods.js';
import { JoinUrl } from '../../domain/fleet/join-url.js';
import { Links } from '../../domain/fleet/links.js';
import { ManagedTag } from '../../domain/fleet/managed-tag.js';
import { MemberMessages } from '../../domain/fleet/member-messages.js';
import { Members as FleetMembers } from '../../domain/fleet/members.js';
import { Neighbours } from '../../domain/fleet/neighbours.js';
import { Newcomers } from '../../domain/fleet/newcomers.js';
import { Shared } from '../../domain/fleet/options.js';
import { Peer, Peers } from '../../domain/fleet/peer.js';
import { Routed } from '../../domain/fleet/routed.js';
import { OwnSequence } from '../../domain/fleet/sequences.js';
import { SyncRun } from '../../domain/fleet/sync-run.js';
import { Syncs } from '../../domain/fleet/syncs.js';
import { TagMessages } from '../../domain/fleet/tag-messages.js';
import { TagStates } from '../../domain/fleet/tag-states.js';
import { Tags } from '../../domain/fleet/tags.js';
import { Timer } from '../../domain/fleet/timer.js';
import { Topology } from '../../domain/fleet/topology.js';
import { Versions } from '../../domain/fleet/versions.js';
import { Fleets } from '../../domain/fleets.js';
import { Members } from '../../domain/members.js';
import { Membership } from '../../domain/membership.js';
import { Memory } from '../../domain/memory.js';
import { ReceiveSide } from '../../domain/receive-side.js';
import { Registration } from '../../domain/reception.js';
import { ReceptionTable } from '../../domain/reception-table.js';
import { Registered } from '../../domain/registered.js';
import { SendSide } from '../../domain/send-side.js';
import { Cluster, ClusterTable, MachineCell } from '../../domain/table.js';
import { TableLoad } from '../../domain/table-load.js';
import { StateClasses } from './state-classes.js';

const NOTHING = null as never;
const NO_REQUEST = { module: '', protocol: '', clusterId: 0, timeoutMs: 0, authCheck: false };

/** Every class of which an engine may hold an instance, but for receptions (`packReceptions`). A test fails for one that is missing. */
export const ENGINE_CLASSES = new StateClasses({
  Announcer,
  Assertions,
  Capabilities,
  Cluster: [Cluster, { derived: ['sorted'], make: () => new Cluster(0) }],
  ClusterTable: [ClusterTable, { derived: ['sorted'], make: () => new ClusterTable() }],
  Deadlines,
  EarlySyncs,
  Engine,
  Fleet,
  FleetMembers,
  Fleets,
  Floods,
  JoinUrl,
  Links,
  MachineCell: [MachineCell, { derived: ['silentFor'], make: () => new MachineCell(NOTHING) }],
  ManagedTag,
  MemberMessages,
  Members,
  Membership,
  Memory,
  Neighbours,
  Newcomers,
  OwnSequence,
  Peer,
  Peers: [Peers, { derived: ['sorted', 'sortedMembers'], make: () => new Peers() }],
  ReceiveSide: [ReceiveSide, { derived: ['deadlines'], make: () => new ReceiveSide(NOTHING) }],
  ReceptionTable: [
    ReceptionTable,
    { derived: ['byPlace', 'lastPacketAt', 'packets', 'count'], make: () => new ReceptionTable(0) },
  ],
  Registered,
  Registration: [Registration, { make: () => new Registration(0, NO_REQUEST) }],
  Routed,
  SendSide,
  Shared,
  SyncRun,
  Syncs,
  TableLoad,
  TagMessages,
  TagStates,
  Tags,
  Timer: [Timer, { make: () => new Timer(NOTHING, NOTHING) }],
  Topology,
  Versions,
});
