import { createCalls } from '../wx/calls.ts'
import { filesOf } from '../wx/files.ts'
import { isRecord, textIn } from '../wx/options.ts'
import { permissionsOf } from '../wx/permissions.ts'
import { samplePicture } from '../wx/sample-media.ts'
import type { Builtin, BuiltinFace } from './define-builtin.ts'
import { actForm } from './form.ts'
import { followHover, hoverProperties } from './hover.ts'

export const BUTTON: Builtin = {
  tag: 'button',
  properties: {
    ...hoverProperties('button-hover', 20, 70),
    size: [String, 'default'],
    type: [String, 'default'],
    plain: [Boolean, false],
    disabled: [Boolean, false],
    loading: [Boolean, false],
    formType: [String, ''],
    openType: [String, ''],
    lang: [String, 'en'],
    sessionFrom: [String, ''],
    sendMessageTitle: [String, ''],
    sendMessagePath: [String, ''],
    sendMessageImg: [String, ''],
    appParameter: [String, ''],
    showMessageCard: [Boolean, false],
    phoneNumberNoQuotaToast: [Boolean, true],
  },
  create: (face) => {
    const { dom, text, flag, on } = face
    followHover(face, () => flag('disabled'))
    // In the capture phase, so that the app's own bindtap does not hear of a disabled button either.
    on(
      'tap',
      (event) => {
        if (flag('disabled')) event.stopPropagation()
      },
      { capture: true },
    )
    on('tap', (event) => {
      const formType = text('formType')
      if (formType === 'submit' || formType === 'reset') actForm(dom, formType, event.target)
      for (const ability of text('openType').split('|')) useAbility(face, ability)
    })
    dom.setAttribute('role', 'button')
    const show = (): void => {
      for (const name of ['type', 'size']) dom.setAttribute(name, text(name))
      for (const name of ['plain', 'disabled', 'loading']) dom.toggleAttribute(name, flag(name))
    }
    return { attached: show, changed: show }
  },
}

function useAbility(face: BuiltinFace, ability: string): void {
  const act = ABILITIES[ability]
  if (act === undefined) {
    if (ability !== '') face.host.report.warn(`<button open-type="${ability}"> is not in the runner`)
    return
  }
  void Promise.resolve(act(face)).catch((err: unknown) => face.host.report.error(`open-type ${ability}`, err))
}

const ABILITIES: Readonly<Record<string, (face: BuiltinFace) => unknown>> = {
  share: ({ host, component }) =>
    host.router.share('button', { id: component.id, dataset: component.dataset, offsetLeft: 0, offsetTop: 0 }),
  getPhoneNumber: (face) => answer(face, 'getPhoneNumber', { code: 'mock-phone-code' }),
  getRealtimePhoneNumber: (face) => answer(face, 'getRealtimePhoneNumber', { code: 'mock-phone-code' }),
  getUserInfo: (face) => answer(face, 'getUserInfo', { userInfo: {} }),
  agreePrivacyAuthorization: (face) => {
    permissionsOf(face.host, createCalls(face.host)).agree()
    face.trigger('agreeprivacyauthorization', {})
  },
  contact: (face) => {
    face.host.report.note('open-type contact')
    face.trigger('contact', { errMsg: 'enterContact:ok', path: '', query: {} })
  },
  openSetting: (face) => {
    const permissions = permissionsOf(face.host, createCalls(face.host))
    face.trigger('opensetting', { errMsg: 'openSetting:ok', authSetting: permissions.settings() })
  },
  feedback: ({ host }) => host.report.note('open-type feedback'),
  launchApp: (face) => face.trigger('error', { errMsg: 'launchApp:fail invalid scene' }),
  chooseAvatar: async (face) => {
    const { bytes, type } = await samplePicture(200, 200, 'me')
    face.trigger('chooseavatar', { avatarUrl: filesOf(face.host).addTemp(bytes, { type }) })
  },
}

/** The event `getphonenumber` for `getPhoneNumber`, with the mock of that name: fields, or `{ fail: 'user deny' }`. */
function answer(face: BuiltinFace, name: string, fallback: object): void {
  const mock = face.host.mocks.get(name)
  const reason = isRecord(mock) ? textIn(mock, 'fail') : undefined
  const detail =
    reason === undefined
      ? { errMsg: `${name}:ok`, ...fallback, ...(isRecord(mock) ? mock : {}) }
      : { errMsg: `${name}:fail ${reason}` }
  face.trigger(name.toLowerCase(), detail)
}
