import type { Locator, Page } from 'playwright-core'

/** What one does with a group in the web demo: founding it, and the panel beside its chat. */
export interface WebGroup {
  /** The panel, when it is open. */
  readonly panel: Locator
  /** Through the page of contacts, with people one knows; the chat is open afterwards. */
  found(name: string, people: readonly string[]): Promise<void>
  openPanel(): Promise<void>
  closePanel(): Promise<void>
  writeNotice(text: string): Promise<void>
  /** Turns a switch of the panel. */
  turn(label: string): Promise<void>
}

export function groupOf(page: Page): WebGroup {
  const panel = page.getByRole('complementary', { name: '群聊信息' })
  return {
    panel,
    async found(name, people) {
      await page.evaluate(() => (location.hash = '#/contacts'))
      await page.getByRole('button', { name: '发起群聊' }).click()
      const dialog = page.locator('dialog[open]')
      await dialog.getByLabel('群名称').fill(name)
      for (const person of people) await dialog.getByRole('checkbox', { name: person }).click()
      await dialog.getByRole('button', { name: '创建' }).click()
      await dialog.waitFor({ state: 'hidden' })
      await page.locator('.chat header').getByText(name, { exact: true }).waitFor()
    },
    async openPanel() {
      await page.locator('.chat header').getByRole('button', { name: '详细资料' }).click()
      await panel.waitFor()
    },
    async closePanel() {
      await panel.getByRole('button', { name: '关闭' }).click()
      await panel.waitFor({ state: 'hidden' })
    },
    async writeNotice(text) {
      await panel.getByRole('button', { name: '编辑 群公告' }).click()
      await panel.locator('textarea').fill(text)
      await panel.getByRole('button', { name: '保存' }).click()
      await panel.getByText(text, { exact: true }).waitFor()
    },
    async turn(label) {
      await panel.getByRole('switch', { name: label }).click()
    },
  }
}
