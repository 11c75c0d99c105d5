import { nodeTransport } from './node.ts'
import { describeTransport } from './transport.contract.ts'

describeTransport('Node', () => nodeTransport())
