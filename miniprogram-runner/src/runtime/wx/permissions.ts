import type { Host } from '../host.ts'
import { WxFailure, type Calls } from './calls.ts'
import { Listeners } from './listeners.ts'
import { optionsOf, textIn } from './options.ts'

type ScopeState = 'unasked' | 'granted' | 'denied'

/** WeChat keeps a refusal of the privacy sheet for about this long before it asks again. */
const REFUSAL_KEPT_MS = 10_000

/**
 * What the user has allowed: the privacy statement (`config.privacy: 'needed'`) and the scopes. The scopes are granted
 * when first asked for, unless the mock `scope.record` (or another scope's name) says 'denied'.
 */
export class Permissions {
  readonly needAsked: Listeners
  readonly #host: Host
  readonly #scopes = new Map<string, ScopeState>()
  #isAgreed: boolean
  #hasListener = false
  #refusedAtMs = -Infinity
  readonly #waiting: ((agreed: 'agreed' | 'refused') => void)[] = []

  constructor(host: Host, calls: Calls) {
    this.#host = host
    this.#isAgreed = host.config.privacy === 'ok'
    this.needAsked = new Listeners('onNeedPrivacyAuthorization', calls)
  }

  get isPrivacyAgreed(): boolean {
    return this.#isAgreed
  }

  /** The last listener is the one that is asked. */
  readonly onNeed = (listener: unknown): void => {
    this.#hasListener = true
    this.needAsked.off()
    this.needAsked.on(listener)
  }

  /** The user tapped `<button open-type="agreePrivacyAuthorization">`. */
  agree(): void {
    this.#isAgreed = true
    for (const tell of this.#waiting.splice(0)) tell('agreed')
  }

  /** Throws errno 104 unless the user agrees; `refer` names the API that wants it. */
  async requirePrivacy(refer: string): Promise<void> {
    if (this.#isAgreed) return
    if (Date.now() - this.#refusedAtMs < REFUSAL_KEPT_MS) throw refused()
    const answer = await (this.#hasListener ? this.#askApp(refer) : this.#askSheet())
    if (answer === 'agreed') return
    this.#refusedAtMs = Date.now()
    throw refused()
  }

  /** Throws `auth deny` when the scope was refused. */
  requireScope(scope: string): void {
    if (this.scopeState(scope) === 'denied') throw new WxFailure('auth deny')
    this.#scopes.set(scope, 'granted')
  }

  scopeState(scope: string): ScopeState {
    const mocked = this.#host.mocks.get(scope)
    if (mocked === 'denied' || mocked === 'granted' || mocked === 'unasked') return mocked
    return this.#scopes.get(scope) ?? 'unasked'
  }

  /** `{ 'scope.record': true, … }` of the scopes that were ever asked for. */
  settings(): Readonly<Record<string, boolean>> {
    const mocked = [...this.#host.mocks.keys()].filter((key) => key.startsWith('scope.'))
    const known = new Set([...mocked, ...this.#scopes.keys()])
    return Object.fromEntries(
      [...known]
        .filter((scope) => this.scopeState(scope) !== 'unasked')
        .map((scope) => [scope, this.scopeState(scope) === 'granted']),
    )
  }

  #askApp(refer: string): Promise<'agreed' | 'refused'> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      const answer = (given?: unknown): void => {
        const event = textIn(optionsOf(given), 'event')
        if (event === 'agree') this.agree()
        if (event === 'disagree') for (const tell of this.#waiting.splice(0)) tell('refused')
      }
      this.needAsked.tell(answer, { referrer: refer })
    })
  }

  /** WeChat's own sheet: the mock `privacy` answers it, 'refuse' or (by default) agreement. */
  async #askSheet(): Promise<'agreed' | 'refused'> {
    if (this.#host.mocks.get('privacy') === 'refuse') return 'refused'
    this.agree()
    return 'agreed'
  }
}

function refused(): WxFailure {
  return new WxFailure('privacy permission is not authorized', 104)
}

const PERMISSIONS = new WeakMap<Host, Permissions>()

/** One user's permissions; `<button open-type="agreePrivacyAuthorization">` and wx functions share them. */
export function permissionsOf(host: Host, calls: Calls): Permissions {
  const known = PERMISSIONS.get(host)
  if (known !== undefined) return known
  const permissions = new Permissions(host, calls)
  PERMISSIONS.set(host, permissions)
  return permissions
}
