import 'tdesign-vue-next/es/style/index.css'
import './look/tokens.css'
import './look/page.css'
import { createApp } from 'vue'
import App from './App.vue'
import { startPage } from './im/start.ts'
import { applyTextSize } from './look/text-size.ts'
import { applyTheme } from './look/theme.ts'
import { router } from './router.ts'
import { followPageTitle } from './shell/page-title.ts'

applyTheme()
applyTextSize()
followPageTitle()
createApp(App).use(router).mount('#app')
// Where nearly everybody goes first is fetched while the server is asked who is there.
void import('./chat/ChatsPage.vue').catch(() => undefined)
await startPage()
