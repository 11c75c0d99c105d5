import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from 'vue'

/** What waits to be handed on, and how. */
export interface Forwarding {
  readonly IDs: readonly string[]
  readonly isMerged: boolean
}

interface ForwardingState {
  readonly current: ShallowRef<Forwarding | undefined>
  begin(IDs: readonly string[], how?: { readonly isMerged: boolean }): void
}

const KEY: InjectionKey<ForwardingState> = Symbol('forwarding')

/** ChatPane shows the dialog; whoever is below may begin. */
export function provideForwarding(): ForwardingState {
  const current = shallowRef<Forwarding>()
  const state: ForwardingState = {
    current,
    begin: (IDs, how = { isMerged: false }) => (current.value = { IDs, ...how }),
  }
  provide(KEY, state)
  return state
}

export function useForwarding(): ForwardingState {
  const state = inject(KEY)
  if (!state) throw new Error('nothing is forwarded from here')
  return state
}
