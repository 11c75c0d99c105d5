import { createClient } from '../../client-sdk/src/core/client.ts'
import { nodePlatform } from '../../client-sdk/src/platform/node.ts'
import { groupOf } from '@hongyan/protocol'
import type { Population } from './population.ts'
import { SDK_APP_ID, userSigOf } from './signing.ts'

const MEMBERS_AT_ONCE = 300

/** The groups, founded by their owners before anybody else is there. */
export async function foundGroups({ groups }: Population, port: number): Promise<void> {
  for (const { conversationId, owner, members, wanderer } of groups) {
    const groupId = groupOf(conversationId)
    if (groupId === undefined) throw new Error('not a group')
    const client = createClient({
      url: `ws://127.0.0.1:${port}/im/ws`,
      sdkAppId: SDK_APP_ID,
      platform: { ...nodePlatform(), device: 'node' },
      agent: 'chaos founding',
    })
    await client.login(owner, userSigOf(owner))
    await client.whenSynced()
    await client.ask('group.create', {
      requestId: `found-${groupId}`,
      groupId,
      type: 'public',
      name: `class ${groupId}`,
      joinOption: 'free',
      members: members.slice(1, MEMBERS_AT_ONCE).map((userId) => ({ userId })),
    })
    // Somebody whom the server does not know yet cannot be removed by name.
    await client.profiles([wanderer]).catch(() => {})
    await client.logout()
  }
}
