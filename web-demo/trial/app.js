import { createActions } from './actions.js'
import { h } from './dom.js'
import { language, setLanguage, t } from './i18n.js'
import { currentPlace, followPlace, goTo, rememberUser } from './place.js'
import { createStore, SIGNED_OUT } from './state.js'
import { createChatView } from './views/chat.js'
import { createConversationsView } from './views/conversations.js'
import { createKickedDialog } from './views/kicked.js'
import { createLoginView } from './views/login.js'
import { createStatusView } from './views/status.js'

const LANGUAGE_KEY = 'hongyan.language'

const root = document.getElementById('app')
const store = createStore(SIGNED_OUT)
const actions = createActions(store)
const page = {
  ...actions,
  goTo,
  async signIn(userID) {
    rememberUser(userID)
    await actions.signIn(userID)
  },
  async signOut() {
    rememberUser(undefined)
    await actions.signOut()
  },
  switchLanguage() {
    const draft = chat.draft()
    setLanguage(language() === 'zh' ? 'en' : 'zh')
    localStorage.setItem(LANGUAGE_KEY, language())
    build()
    render(store.get())
    chat.putDraft(draft)
  },
}

let chat
let views = []

/** Makes all views anew, in the language of now. */
function build() {
  chat = createChatView(page)
  views = [createLoginView(page), createConversationsView(page), chat, createStatusView(), createKickedDialog(page)]
  root.replaceChildren(
    h(
      'main',
      { class: 'shell' },
      views.map(({ element }) => element),
    ),
  )
}

function render(state) {
  root.dataset.phase = state.phase === 'ready' ? 'in' : 'out'
  root.dataset.pane = state.openID ? 'chat' : 'list'
  document.title = `${state.totalUnread > 0 ? `(${state.totalUnread}) ` : ''}${state.nick || t('name')}`
  for (const view of views) view.render(state)
}

/** The conversation that the address names is the open one, so that "back", reload and bookmarks work. */
async function followAddress() {
  if (store.get().phase !== 'ready') return
  const isOpen = await actions.open(currentPlace().conversationID)
  if (!isOpen) goTo(undefined)
}

const { userID, language: asked } = currentPlace()
setLanguage(asked ?? localStorage.getItem(LANGUAGE_KEY))
build()
store.subscribe(render)
store.subscribe(openAtFirst())
followPlace(() => void followAddress())
window.addEventListener('offline', () => store.set({ isOffline: true }))
window.addEventListener('online', () => store.set({ isOffline: false }))
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && chat.becameVisible())
if (userID) void page.signIn(userID)

/** Opens what the address names as soon as the user is in. */
function openAtFirst() {
  let phase
  return (state) => {
    const hasEntered = phase !== 'ready' && state.phase === 'ready'
    phase = state.phase
    if (hasEntered) void followAddress()
  }
}
