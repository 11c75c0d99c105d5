import { WxFailure } from './calls.ts'
import { isRecord, optionsOf, recordIn, textIn, textsIn } from './options.ts'
import { element, openLayer } from './overlay.ts'
import { requiredText } from './system.ts'
import type { WxParts } from './parts.ts'

const MAX_TEMPLATES = 3

/** Login, privacy, permissions, subscription messages: what WeChat itself answers, by mocks where a person decides. */
export function createOpenAbility(parts: WxParts): Readonly<Record<string, unknown>> {
  return { ...identity(parts), ...privacy(parts), ...settings(parts), ...subscription(parts) }
}

let codeCount = 0

function identity({ calls, host }: WxParts): Readonly<Record<string, unknown>> {
  const userInfo = (): object => recordIn({ value: host.mocks.get('userInfo') }, 'value')
  return {
    login: calls.async('login', () => {
      const mock = host.mocks.get('login')
      if (isRecord(mock) && textIn(mock, 'fail') !== undefined) throw new WxFailure(textIn(mock, 'fail') ?? '')
      codeCount += 1
      // A code is good for one exchange, so each call gives another, unless the test says which.
      return { code: typeof mock === 'string' ? mock : `mock-code-${codeCount}-${Date.now()}` }
    }),
    checkSession: calls.async('checkSession', () => {
      if (host.mocks.get('checkSession') === 'expired') throw new WxFailure('login session expired')
    }),
    getUserProfile: calls.async('getUserProfile', () => ({ userInfo: userInfo() })),
    getUserInfo: calls.async('getUserInfo', () => ({ userInfo: userInfo() })),
  }
}

function privacy({ calls, permissions, host }: WxParts): Readonly<Record<string, unknown>> {
  return {
    getPrivacySetting: calls.async('getPrivacySetting', () => ({
      needAuthorization: !permissions.isPrivacyAgreed,
      privacyContractName: '《用户隐私保护指引》',
    })),
    requirePrivacyAuthorize: calls.async('requirePrivacyAuthorize', () =>
      permissions.requirePrivacy('requirePrivacyAuthorize'),
    ),
    onNeedPrivacyAuthorization: permissions.onNeed,
    openPrivacyContract: calls.async('openPrivacyContract', () => {
      const layer = openLayer(host.frame.overlay, 'mp-document', () => layer.remove())
      const back = element('mp-document-back', '‹')
      back.addEventListener('click', () => layer.remove())
      const head = element('mp-document-head')
      head.append(back, element('mp-document-title', '用户隐私保护指引'))
      layer.append(head, element('mp-document-body', '小程序隐私保护指引由开发者在公众平台填写。'))
    }),
  }
}

function settings({ calls, permissions, host }: WxParts): Readonly<Record<string, unknown>> {
  return {
    getSetting: calls.async('getSetting', () => ({
      authSetting: permissions.settings(),
      subscriptionsSetting: { mainSwitch: true, itemSettings: {} },
    })),
    openSetting: calls.async('openSetting', () => {
      // The user comes back having allowed what the mock `openSetting` says: { 'scope.record': true }.
      for (const [scope, allowed] of Object.entries(optionsOf(host.mocks.get('openSetting'))))
        host.mocks.set(scope, allowed === true ? 'granted' : 'denied')
      return { authSetting: permissions.settings() }
    }),
    authorize: calls.async('authorize', async (options) => {
      const scope = requiredText(options, 'scope')
      await permissions.requirePrivacy('authorize')
      permissions.requireScope(scope)
    }),
  }
}

function subscription({ calls, host }: WxParts): Readonly<Record<string, unknown>> {
  return {
    requestSubscribeMessage: calls.async('requestSubscribeMessage', (options) => {
      const templates = textsIn(options, 'tmplIds')
      if (templates.length === 0) throw new WxFailure('parameter error: tmplIds should not be empty', 10_001)
      if (templates.length > MAX_TEMPLATES) throw new WxFailure('Templates count out of max bounds', 20_003)
      const mock = host.mocks.get('requestSubscribeMessage')
      if (isRecord(mock) && textIn(mock, 'fail') !== undefined)
        throw new WxFailure(textIn(mock, 'fail') ?? '', Number(mock['errCode'] ?? 20_004))
      // 'accept' | 'reject' | 'ban' | 'filter' for all, or by template.
      const answerOf = (id: string): string =>
        typeof mock === 'string' ? mock : isRecord(mock) ? (textIn(mock, id) ?? 'accept') : 'accept'
      const answers = Object.fromEntries(templates.map((id) => [id, answerOf(id)]))
      host.report.note(`requestSubscribeMessage: ${JSON.stringify(answers)}`)
      return answers
    }),
  }
}
