import { browserPlatform } from './platform/browser.ts'
import { createModule } from './tim/module.ts'

const TIM = createModule(browserPlatform())
export default TIM
