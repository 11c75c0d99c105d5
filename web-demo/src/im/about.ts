/** Somebody as whom a trial server lets anybody sign in. */
export interface DemoUser {
  readonly userID: string
  readonly nick: string
  readonly role: 'teacher' | 'parent' | 'administrator'
}

/** What the server says of itself before anybody is signed in. */
export interface About {
  readonly sdkAppID: number
  /** Empty unless the server is in demo mode. */
  readonly demoUsers: readonly DemoUser[]
}

let about: About = { sdkAppID: 0, demoUsers: [] }

export async function fetchAbout(): Promise<About> {
  const response = await fetch('im/about')
  if (!response.ok) throw new Error(`im/about answered ${response.status}`)
  about = (await response.json()) as About
  return about
}

export function demoUsers(): readonly DemoUser[] {
  return about.demoUsers
}

/** Anybody may sign in as anybody. */
export function isDemo(): boolean {
  return about.demoUsers.length > 0
}

const BAD_USER_ID = 70_013
const NO_NETWORK = 2800

/** In an application of your own the back end signs, for the user it has authenticated. Demo mode only. Rejects with TIM's codes. */
export async function fetchUserSig(userID: string): Promise<string> {
  const response = await fetch(`im/usersig?userID=${encodeURIComponent(userID)}`).catch(() => undefined)
  if (!response?.ok) {
    const code = response?.status === 400 ? BAD_USER_ID : NO_NETWORK
    throw Object.assign(new Error('no userSig'), { code })
  }
  const { userSig } = (await response.json()) as { userSig: string }
  return userSig
}

export function sdkAppID(): number {
  return about.sdkAppID
}
