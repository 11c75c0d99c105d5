import { h } from '../dom.js'
import { t } from '../i18n.js'
import { icon } from '../icons.js'
import { createPlaceDialog } from './place-dialog.js'

const FACES = ['😀', '😊', '😂', '😍', '👍', '👏', '🙏', '💪', '🌹', '🎉', '❤️', '🤔']
const MAX_HEIGHT_PX = 160

/** Where messages are written. Enter sends, Shift+Enter begins a line; Enter that ends an input method's word does neither. */
export function createComposer({ sendText, sendFace, sendLocation, typed, setDraft, toast }) {
  const field = h('textarea', {
    rows: 1,
    placeholder: t('writeHere'),
    'aria-label': t('messageField'),
    title: t('sendHint'),
    enterkeyhint: 'send',
    oninput: changed,
    onkeydown: keyPressed,
  })
  const send = h('button', { type: 'submit', class: 'primary send', 'aria-label': t('send') }, icon('send'))
  const placeDialog = createPlaceDialog({ sendLocation, toast })
  const faces = h(
    'div',
    { class: 'faces', role: 'group', 'aria-label': t('faces'), hidden: true, onkeydown: escapeFaces },
    FACES.map((face, index) => h('button', { type: 'button', onclick: () => chooseFace(index) }, face)),
  )
  const faceButton = roundButton('face', t('faces'), () => showFaces(faces.hidden))
  const element = h(
    'form',
    { class: 'composer', onsubmit: submit },
    faces,
    h(
      'div',
      { class: 'tools' },
      faceButton,
      roundButton('place', t('place'), () => placeDialog.open()),
    ),
    field,
    send,
    placeDialog.element,
  )
  let openID

  function showFaces(isShown) {
    faces.hidden = !isShown
    faceButton.setAttribute('aria-expanded', String(isShown))
    const next = isShown ? faces.firstElementChild : field
    next.focus()
  }

  function chooseFace(index) {
    showFaces(false)
    sendFace(index, FACES[index])
  }

  function escapeFaces(event) {
    if (event.key === 'Escape') showFaces(false)
  }

  function keyPressed(event) {
    // keyCode 229: an input method in Safari, which has ended the composition by now.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    element.requestSubmit()
  }

  function changed() {
    fit()
    typed(field.value)
  }

  function fit() {
    send.disabled = field.value.trim() === ''
    field.style.setProperty('height', 'auto')
    field.style.setProperty('height', `${Math.min(field.scrollHeight, MAX_HEIGHT_PX)}px`)
  }

  function fill(text) {
    field.value = text
    fit()
  }

  function submit(event) {
    event.preventDefault()
    const text = field.value.trim()
    if (text === '') return
    fill('')
    sendText(text)
  }

  return {
    element,
    text: () => field.value,
    /** Puts a text into the field to be changed and sent again. */
    put(text) {
      fill(text)
      field.focus()
    },
    /** Forgets all: somebody else may sign in. */
    forget() {
      openID = undefined
      hideFaces()
      fill('')
    },
    /** Follows the open conversation: keeps what was begun in one as its draft, brings back that of the other. */
    show(conversation) {
      const id = conversation?.conversationID
      if (id === openID) return
      if (openID !== undefined) setDraft(openID, field.value)
      openID = id
      hideFaces()
      fill(conversation?.draftText ?? '')
      // On a touch screen the keyboard would cover what was just opened.
      if (id !== undefined && matchMedia('(hover: hover)').matches) queueMicrotask(() => field.focus())
    },
  }

  function hideFaces() {
    faces.hidden = true
    faceButton.setAttribute('aria-expanded', 'false')
  }
}

function roundButton(name, label, onclick) {
  return h('button', { type: 'button', class: 'round', title: label, 'aria-label': label, onclick }, icon(name))
}
