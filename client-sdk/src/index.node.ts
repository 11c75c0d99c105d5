import { nodePlatform } from './platform/node.ts'
import { createModule } from './tim/module.ts'

const TIM = createModule(nodePlatform())
export default TIM
