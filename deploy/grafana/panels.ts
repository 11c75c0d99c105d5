/** One panel: what is drawn, in which unit, and each query with the legend of its lines. */
export interface Panel {
  readonly title: string
  readonly kind: 'stat' | 'timeseries'
  readonly unit: 'short' | 's' | 'ops' | 'bytes' | 'percentunit' | 'Bps'
  readonly help: string
  readonly queries: readonly (readonly [expression: string, legend: string])[]
  /** From which value on a stat is yellow, and red. */
  readonly thresholds?: readonly [yellow: number, red: number]
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

const NODE = '{{instance}}'

function quantile(of: string, q: number, by = ''): string {
  return `histogram_quantile(${q}, sum by (le${by}) (rate(${of}_bucket[$__rate_interval])))`
}

function rate(of: string, by: string): string {
  return `sum by (${by}) (rate(${of}[$__rate_interval]))`
}

/** What somebody wants to see first, then what explains it: from the clients inwards. */
export const ROWS: readonly Row[] = [
  {
    title: 'At a glance',
    panels: [
      stat('Gateways', 'short', 'Gateways that answer.', 'count(up{job="gateway"} == 1)'),
      stat('Clients', 'short', 'Sessions that are open, on all gateways.', 'sum(hongyan_sessions)'),
      stat('Messages', 'ops', 'Stored, a second.', 'sum(rate(hongyan_sends_accepted_total[$__rate_interval]))'),
      stat(
        'Stored within (p99)',
        's',
        'From the queue of commits to stored.',
        quantile('hongyan_send_duration_seconds', 0.99),
        [0.2, 1],
      ),
      stat(
        'Delivered within (p99)',
        's',
        'From the time of a message to the sockets.',
        quantile('hongyan_delivery_lag_seconds', 0.99),
        [1, 5],
      ),
      stat('Wrong numbers', 'short', 'Never more than 0.', 'sum(hongyan_audit_differences_total)', [1, 1]),
    ],
  },
  {
    title: 'Clients',
    panels: [
      lines('Sessions by gateway', 'short', 'Even, when the balancer had time.', ['hongyan_sessions', NODE]),
      lines('Connections coming in', 'ops', 'A wall of them is a storm.', [
        rate('hongyan_connections_opened_total', 'instance'),
        NODE,
      ]),
      lines(
        'Logins',
        'ops',
        '`resumed` came back after a lost line.',
        [rate('hongyan_logins_total', 'kind'), '{{kind}}'],
        [rate('hongyan_logins_refused_total', 'name'), 'refused: {{name}}'],
      ),
      lines('Connections refused', 'ops', '503 is full or draining, 429 too many of one address.', [
        rate('hongyan_connections_refused_total', 'status'),
        '{{status}}',
      ]),
      lines(
        'Connections ended',
        'ops',
        'By the name of the close code.',
        [rate('hongyan_closed_total', 'name'), '{{name}}'],
        [rate('hongyan_slow_consumers_closed_total', 'instance'), `too slow: ${NODE}`],
      ),
      lines('Requests', 'ops', 'By command, the ten most frequent.', [
        `topk(10, ${rate('hongyan_requests_total', 'command')})`,
        '{{command}}',
      ]),
      lines('Requests refused', 'ops', 'By the name of the error.', [
        rate('hongyan_refused_total', 'name'),
        '{{name}}',
      ]),
    ],
  },
  {
    title: 'Messages',
    panels: [
      lines(
        'Sent',
        'ops',
        'Stored, and refused by name.',
        [rate('hongyan_sends_accepted_total', 'instance'), NODE],
        [rate('hongyan_sends_refused_total', 'name'), 'refused: {{name}}'],
      ),
      lines(
        'Time until stored',
        's',
        'The queue and the commit.',
        [quantile('hongyan_send_duration_seconds', 0.5), 'p50'],
        [quantile('hongyan_send_duration_seconds', 0.99), 'p99'],
        [quantile('hongyan_commit_duration_seconds', 0.99), 'commit alone, p99'],
      ),
      lines(
        'Messages in a commit',
        'short',
        'More together when there is more to do.',
        [quantile('hongyan_commit_messages', 0.5), 'p50'],
        [quantile('hongyan_commit_messages', 0.99), 'p99'],
      ),
      lines(
        'Commits',
        'ops',
        '',
        [rate('hongyan_commits_total', 'instance'), NODE],
        [rate('hongyan_commits_failed_total', 'instance'), `failed: ${NODE}`],
      ),
      lines('Waiting for a commit', 'short', 'Grows when PostgreSQL is slower than the senders.', [
        'hongyan_sends_waiting',
        NODE,
      ]),
    ],
  },
  {
    title: 'Delivery',
    panels: [
      lines(
        'Time until delivered',
        's',
        'Clocks of two machines take part.',
        [quantile('hongyan_delivery_lag_seconds', 0.5, ', instance'), `p50 ${NODE}`],
        [quantile('hongyan_delivery_lag_seconds', 0.99, ', instance'), `p99 ${NODE}`],
      ),
      lines('Entries delivered', 'ops', 'Once each, however many sockets.', [
        rate('hongyan_delivered_entries_total', 'instance'),
        NODE,
      ]),
      lines('Behind the log', 'short', 'When the sweeper last looked.', ['hongyan_delivery_behind_entries', NODE]),
      lines(
        'Repairs',
        'ops',
        'What the broker did not bring and the log did.',
        [rate('hongyan_gaps_repaired_total', 'instance'), `gaps ${NODE}`],
        [rate('hongyan_sweeper_repairs_total', 'instance'), `sweeper ${NODE}`],
      ),
      lines(
        'Valkey',
        'ops',
        'Down only adds latency.',
        [rate('hongyan_broker_published_total', 'instance'), `out ${NODE}`],
        [rate('hongyan_broker_received_total', 'instance'), `in ${NODE}`],
        ['1 - hongyan_broker_up', `down ${NODE}`],
      ),
      lines('Timelines followed', 'short', '', ['hongyan_followed_timelines', NODE]),
    ],
  },
  {
    title: 'PostgreSQL and files',
    panels: [
      lines('Connections in use', 'short', '', ['sum by (pool) (hongyan_database_connections_busy)', '{{pool}}']),
      lines('Waiting for a connection', 'short', '', ['sum by (pool) (hongyan_database_waiting)', '{{pool}}']),
      lines('Connections lost', 'ops', 'Given up at a deadline, or broken.', [
        rate('hongyan_database_connections_lost_total', 'pool'),
        '{{pool}}',
      ]),
      lines('Uploads', 'Bps', '', [rate('hongyan_upload_bytes_total', 'instance'), NODE]),
    ],
  },
  {
    title: 'Processes',
    panels: [
      lines('Processor', 'percentunit', '1 is one core, which is all that one gateway can use.', [
        'rate(process_cpu_seconds_total{job="gateway"}[$__rate_interval])',
        NODE,
      ]),
      lines('Event loop delay (p99)', 's', 'How late everything is on the node.', [
        'hongyan_event_loop_delay_seconds{quantile="0.99"}',
        NODE,
      ]),
      lines(
        'Memory',
        'bytes',
        '',
        ['process_resident_memory_bytes{job="gateway"}', NODE],
        ['hongyan_heap_used_bytes', `heap ${NODE}`],
      ),
      lines('Garbage collection', 'percentunit', 'The share of time it takes.', [
        'rate(hongyan_gc_seconds_total[$__rate_interval])',
        NODE,
      ]),
      lines('The balancer’s view', 'short', 'Connections to each gateway.', [
        'haproxy_server_current_sessions{proxy="gateways"} > 0',
        '{{server}}',
      ]),
      lines(
        'Retries of the balancer',
        'ops',
        'Asked another gateway, and the client saw nothing.',
        ['sum(rate(haproxy_backend_redispatch_warnings_total{proxy="gateways"}[$__rate_interval]))', 'another gateway'],
        ['sum(rate(haproxy_backend_retry_warnings_total{proxy="gateways"}[$__rate_interval]))', 'again'],
      ),
    ],
  },
]

function stat(
  title: string,
  unit: Panel['unit'],
  help: string,
  expression: string,
  thresholds?: readonly [number, number],
): Panel {
  return { title, kind: 'stat', unit, help, queries: [[expression, '']], ...(thresholds ? { thresholds } : {}) }
}

function lines(
  title: string,
  unit: Panel['unit'],
  help: string,
  ...queries: readonly (readonly [string, string])[]
): Panel {
  return { title, kind: 'timeseries', unit, help, queries }
}
