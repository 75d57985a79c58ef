/**
 * `/metrics` as Prometheus reads it: the server's own numbers, read when somebody asks, and Node's (memory, event
 * loop, garbage collection). No label carries a room, a topic, an address or a person.
 */
import type { PrometheusModule } from '../dependencies.js'
import type { Tally } from './tally.js'

/** What the metrics are read from. */
export interface MetricsSources {
  readonly tally: Tally
  readonly clients: () => number
  readonly topics: () => number
  readonly queuedBytes: () => number
  readonly isDraining: () => boolean
}

/** One page of metrics. */
export interface Metrics {
  readonly contentType: string
  render(): Promise<string>
}

const PREFIX = 'holdfast_signaling_'
const MS_PER_SECOND = 1000

/** Prepares the page; the registry is its own, so that nothing else in the process shows up. */
export function createMetrics(prometheus: PrometheusModule, sources: MetricsSources): Metrics {
  const registry = new prometheus.Registry()
  prometheus.collectDefaultMetrics({ register: registry })
  const { tally } = sources
  const gauge = (name: string, help: string, read: () => number): void => {
    new prometheus.Gauge({
      name: PREFIX + name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }
  const counter = (name: string, help: string, read: () => number): void => {
    new prometheus.Counter({
      name: PREFIX + name,
      help,
      registers: [registry],
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }
  const counters = (
    name: string,
    help: string,
    label: string,
    read: Readonly<Record<string, number>>,
  ): void => {
    new prometheus.Counter({
      name: PREFIX + name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset()
        for (const [word, count] of Object.entries(read)) this.inc({ [label]: word }, count)
      },
    })
  }
  gauge('clients', 'Open sockets.', sources.clients)
  gauge('topics', 'Topics with a subscriber in this process; a room has two.', sources.topics)
  gauge('queued_bytes', 'Bytes that wait for slow readers.', sources.queuedBytes)
  gauge('draining', '1 while the server says goodbye.', () => (sources.isDraining() ? 1 : 0))
  gauge('bus_up', '1 when other processes can be reached, 0 when not, -1 without a bus.', () =>
    tally.isBusUp === null ? -1 : Number(tally.isBusUp),
  )
  gauge(
    'bus_round_trip_seconds',
    'Time of the last probe over the bus and back.',
    () => tally.busRoundTripMs / MS_PER_SECOND,
  )
  counter('clients_opened_total', 'Sockets admitted.', () => tally.opened)
  counters('clients_closed_total', 'Sockets ended or turned away, by reason.', 'reason', tally.closed)
  counters('requests_refused_total', 'Requests for a socket that got none.', 'reason', tally.refused)
  counters('messages_received_total', 'Messages from clients, by type.', 'type', tally.received)
  counter('messages_delivered_total', 'Messages handed to subscribers.', () => tally.delivered)
  counter('delivered_bytes_total', 'Bytes of those messages.', () => tally.deliveredBytes)
  counters('messages_dropped_total', 'Messages that went nowhere, by reason.', 'reason', tally.dropped)
  counter('bus_sent_total', 'Messages handed to the bus.', () => tally.busSent)
  counter('bus_received_total', 'Messages from other processes.', () => tally.busReceived)
  return { contentType: registry.contentType, render: () => registry.metrics() }
}
