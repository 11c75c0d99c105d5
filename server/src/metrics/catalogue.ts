import { counter, gauge, histogram, type MetricSpec } from './metric-spec.ts'

/** From a commit on an idle machine to a database that does not answer. */
const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
/** From the broker's short way to what only the sweeper finds (2 s), and an outage. */
const LAG_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const BATCH_MESSAGES = [1, 2, 5, 10, 20, 50, 100, 200, 400]

/** Every number that `/metrics` shows, in the order in which documents name them. */
export const METRICS = {
  // Connections and sessions
  connections: gauge('hongyan_connections', 'Connections of this node.'),
  sessions: gauge('hongyan_sessions', 'Connections with an open session.'),
  connectionsOpened: counter('hongyan_connections_opened_total', 'Connections that came in.'),
  connectionsRefused: counter(
    'hongyan_connections_refused_total',
    'Connections refused before they came in, by HTTP status: 403 origin, 429 too many of one address, 503 full or draining.',
    ['status'],
  ),
  closed: counter('hongyan_closed_total', 'Connections ended, by the name of the close code.', ['name']),
  slowConsumers: counter(
    'hongyan_slow_consumers_closed_total',
    'Connections ended because they did not take what they were sent.',
  ),
  logins: counter('hongyan_logins_total', 'Sessions opened: `fresh` after signing in, `resumed` after a lost line.', [
    'kind',
  ]),
  loginsRefused: counter('hongyan_logins_refused_total', 'Sessions not opened, by the name of the error.', ['name']),

  // Requests
  requests: counter('hongyan_requests_total', 'Requests served, by command; refused ones too.', ['command']),
  refused: counter('hongyan_refused_total', 'Requests refused, by the name of the error.', ['name']),

  rateKeys: gauge('hongyan_rate_keys', 'Users, devices, groups and addresses whose use is counted now.'),
  rateExchangesLost: counter(
    'hongyan_rate_exchanges_lost_total',
    'Exchanges of rates with the other nodes that had no answer: limits held on each node alone.',
  ),

  // Messages and commits
  sendsAccepted: counter('hongyan_sends_accepted_total', 'Messages whose sender was told that they are stored.'),
  sendsRefused: counter('hongyan_sends_refused_total', 'Messages refused, by the name of the error.', ['name']),
  sendsWaiting: gauge('hongyan_sends_waiting', 'Messages waiting for the next commit.'),
  sendSeconds: histogram(
    'hongyan_send_duration_seconds',
    'From a message reaching the queue of commits to its being stored.',
    COMMIT_SECONDS,
  ),
  commits: counter('hongyan_commits_total', 'Transactions of the message path, failed ones too.'),
  commitsFailed: counter('hongyan_commits_failed_total', 'Of these, those that failed as a whole.'),
  commitMessages: histogram('hongyan_commit_messages', 'Messages in one transaction.', BATCH_MESSAGES),
  commitSeconds: histogram('hongyan_commit_duration_seconds', 'How long one transaction took.', COMMIT_SECONDS),

  // Delivery
  deliveredEntries: counter(
    'hongyan_delivered_entries_total',
    'Entries handed to the sockets of this node, once each however many sockets.',
  ),
  deliveryLagSeconds: histogram(
    'hongyan_delivery_lag_seconds',
    'From the time of a message to its being handed to the sockets of this node. Clocks of two machines take part.',
    LAG_SECONDS,
  ),
  behindEntries: gauge(
    'hongyan_delivery_behind_entries',
    'Entries in the log that were not handed over yet when the sweeper last looked: head minus delivered, the sum.',
  ),
  behindEntriesMax: gauge('hongyan_delivery_behind_entries_max', 'The same for the timeline that was furthest behind.'),
  gapsRepaired: counter('hongyan_gaps_repaired_total', 'Gaps in followed timelines that were closed from the log.'),
  repairedEntries: counter(
    'hongyan_repaired_entries_total',
    'Entries read from the log that the broker did not bring.',
  ),
  sweeperRepairs: counter(
    'hongyan_sweeper_repairs_total',
    'Timelines that the sweeper found behind: nobody had rung for them.',
  ),
  sweeps: counter('hongyan_sweeps_total', 'Looks of the sweeper at the log that came to their end.'),
  followedTimelines: gauge('hongyan_followed_timelines', 'Timelines that sessions of this node follow.'),
  followers: gauge('hongyan_followers', 'Pairs of a session and a timeline it follows.'),

  // Broker
  brokerUp: gauge('hongyan_broker_up', '1 while payloads go out and come in; 0 only adds latency.'),
  brokerPublished: counter('hongyan_broker_published_total', 'Payloads given to the broker.'),
  brokerReceived: counter('hongyan_broker_received_total', 'Payloads the broker brought.'),
  brokerDropped: counter('hongyan_broker_dropped_total', 'Payloads the broker could not hand over.'),
  brokerLost: counter('hongyan_broker_lost_total', 'How often the broker lost its link.'),

  // Database
  databaseOpen: gauge('hongyan_database_connections', 'Connections to PostgreSQL, by pool.', ['pool']),
  databaseBusy: gauge('hongyan_database_connections_busy', 'Of these, those that are in use.', ['pool']),
  databaseWaiting: gauge('hongyan_database_waiting', 'Callers that wait for a connection, by pool.', ['pool']),
  databaseOpened: counter('hongyan_database_connections_opened_total', 'Connections made, by pool.', ['pool']),
  databaseLost: counter('hongyan_database_connections_lost_total', 'Connections lost or given up, by pool.', ['pool']),

  // Files
  uploadsRunning: gauge('hongyan_uploads_running', 'Uploads that are arriving.'),
  uploads: counter('hongyan_uploads_total', 'Files stored.'),
  uploadBytes: counter('hongyan_upload_bytes_total', 'Bytes of these.'),
  blobsRemoved: counter('hongyan_blobs_removed_total', 'Pieces of content removed that nobody could open any more.'),

  // Are the numbers right?
  expiredMessages: counter('hongyan_expired_messages_total', 'Messages removed for their age by this node.'),
  auditChecked: counter('hongyan_audit_checked_total', 'Derived numbers that were recounted.'),
  auditDifferences: counter('hongyan_audit_differences_total', 'Of these, wrong ones. Never more than 0.'),
  receiptNoticesWaiting: gauge('hongyan_receipt_notices_waiting', 'Messages whose sender is to be told of receipts.'),
  receiptNoticesDropped: counter(
    'hongyan_receipt_notices_dropped_total',
    'Messages whose sender was not told of receipts, there being too many.',
  ),

  // The process
  buildInfo: gauge('hongyan_build_info', 'Always 1; what runs is in the labels.', ['version', 'protocol', 'node']),
  uptimeSeconds: gauge('hongyan_uptime_seconds', 'Since the process started.'),
  draining: gauge('hongyan_draining', '1 while the node lets go of its sessions.'),
  eventLoopDelaySeconds: gauge(
    'hongyan_event_loop_delay_seconds',
    'How late the event loop was within the last complete 10 s, by quantile (1 is the greatest).',
    ['quantile'],
  ),
  eventLoopStalls: counter(
    'hongyan_event_loop_stalls_total',
    'How often the event loop stood still for two seconds or more.',
  ),
  gcSeconds: counter('hongyan_gc_seconds_total', 'Time spent collecting garbage.'),
  heapUsedBytes: gauge('hongyan_heap_used_bytes', 'The JavaScript heap in use.'),
  heapLimitBytes: gauge('hongyan_heap_limit_bytes', 'How large the heap may become; beyond it the process ends.'),
  externalBytes: gauge('hongyan_external_memory_bytes', 'Memory of buffers outside the heap.'),
  residentBytes: gauge('process_resident_memory_bytes', 'Memory the operating system counts for the process.'),
  cpuSeconds: counter('process_cpu_seconds_total', 'Processor time, user and system.'),
  startTimeSeconds: gauge('process_start_time_seconds', 'When the process started, in seconds since the Unix epoch.'),
  openFiles: gauge('process_open_fds', 'Open files and sockets; 0 where the system does not say.'),
} as const satisfies Record<string, MetricSpec>

export type MetricName = keyof typeof METRICS
type OfKind<Kind extends MetricSpec['kind']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never
}[MetricName]
export type CounterName = OfKind<'counter'>
export type GaugeName = OfKind<'gauge'>
export type HistogramName = OfKind<'histogram'>
/** A value for each label of the metric. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>
