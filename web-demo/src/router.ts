import { createRouter, createWebHashHistory } from 'vue-router'
import { TYPES } from './im/chat.ts'
import { session } from './im/session.ts'
import { started } from './im/start.ts'

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', redirect: '/chats' },
    { path: '/sign-in', name: 'sign-in', component: () => import('./sign-in/SignInPage.vue') },
    { path: '/chats/:conversationID?', name: 'chats', component: () => import('./chat/ChatsPage.vue') },
    { path: '/notices', name: 'notices', component: () => import('./conversations/NoticesPage.vue') },
    { path: '/contacts/:userID?', name: 'contacts', component: () => import('./contacts/ContactsPage.vue') },
    { path: '/settings', name: 'settings', component: () => import('./settings/SettingsPage.vue') },
    { path: '/:rest(.*)', redirect: '/chats' },
  ],
})

router.beforeEach(async (to) => {
  await started
  const isSignedIn = session.userID !== ''
  if (to.name === 'sign-in') return isSignedIn ? '/chats' : true
  if (isSignedIn) return to.params['conversationID'] === TYPES.CONV_SYSTEM ? '/notices' : true
  // Who has signed in goes where he wanted to.
  return { name: 'sign-in', query: to.name === 'chats' && !to.params['conversationID'] ? {} : { to: to.fullPath } }
})
