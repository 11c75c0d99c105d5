import { WebSocket } from 'ws'
import { browserTransport, type BrowserSocket } from './browser.ts'
import { describeTransport } from './transport.contract.ts'

// The class of `ws` has the browser's face; Node 20 has none of its own.
describeTransport('browser', () => browserTransport((url) => new WebSocket(url) as unknown as BrowserSocket))
