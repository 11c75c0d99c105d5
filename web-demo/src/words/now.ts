import { readonly, ref } from 'vue'

const MINUTE_MS = 60_000
const minute = ref(Date.now())
setInterval(() => (minute.value = Date.now()), MINUTE_MS)

/** The time, to the minute: what is written in relation to it changes as it passes. */
export const now = readonly(minute)
