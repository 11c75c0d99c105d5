import { miniprogramPlatform } from './platform/miniprogram.ts'
import { createModule } from './tim/module.ts'

const TIM = createModule(miniprogramPlatform())
export default TIM
