/** Emoji of Unicode 13 and before, which the systems of schools have. */
export type EmojiGroup = 'faces' | 'hands' | 'nature' | 'food' | 'school' | 'signs'

const ROWS: Readonly<Record<EmojiGroup, string>> = {
  faces:
    '😀 😃 😄 😁 😆 😅 🤣 😂 🙂 🙃 😉 😊 😇 🥰 😍 🤩 😘 😋 😛 😜 🤪 🤗 🤭 🤫 🤔 🤐 😐 😑 😶 😏 😒 🙄 😬 😌 😔 😪 😴 😷 🤒 🤕 🤧 🥵 🥶 😵 🤯 🥳 😎 🤓 🧐 😕 😟 🙁 😮 😯 😲 😳 🥺 😦 😨 😰 😥 😢 😭 😱 😣 😞 😓 😩 😫 🥱 😤 😡 😠 😈 🤡 👻 👽 🤖',
  hands:
    '👍 👎 👌 🤏 ✌️ 🤞 🤟 🤘 🤙 👈 👉 👆 👇 ☝️ ✋ 🤚 🖐️ 👋 💪 🙏 🤝 👏 🙌 👐 🤲 ✊ 👊 🤛 🤜 ✍️ 💅 🙋 🙆 🙅 🙇 🤦 🤷 💁 🧑‍🏫 🧑‍🎓 👶 🧒 👦 👧 👨 👩 👴 👵 👪 🏃 🚶 💃 🧘 🛌',
  nature:
    '🐶 🐱 🐭 🐹 🐰 🦊 🐻 🐼 🐨 🐯 🦁 🐮 🐷 🐸 🐵 🐔 🐧 🐦 🐤 🦆 🦢 🦉 🐝 🦋 🐌 🐞 🐢 🐟 🐬 🐳 🌸 🌹 🌺 🌻 🌷 🌱 🌲 🌳 🍀 🍁 🍂 ☀️ 🌤️ ⛅ 🌧️ ⛈️ ❄️ ⛄ 🌈 🌙 ⭐ 🌟 ⚡ 🔥 🌊',
  food: '🍎 🍐 🍊 🍋 🍌 🍉 🍇 🍓 🍒 🍑 🥭 🍍 🥝 🍅 🥕 🌽 🥔 🍞 🥐 🥚 🍳 🥞 🍗 🍖 🍔 🍟 🍕 🌭 🥪 🌮 🍜 🍝 🍚 🍙 🍣 🥟 🍱 🍦 🍰 🎂 🍭 🍫 🍪 🍿 🥛 🍵 ☕ 🧃 🥤',
  school:
    '📚 📖 📓 📝 ✏️ 🖊️ 📏 📐 📎 📌 ✂️ 🎒 🏫 🎓 🔬 🔭 🧪 🧮 💻 🖨️ 📱 📷 🎥 📅 ⏰ ⌛ 🔔 📢 🚌 🚗 🚲 🏠 🏥 ⚽ 🏀 🏐 🏓 🏸 🏊 🚴 🎨 🎵 🎹 🎸 🎤 🎬 🎮 🧩 🎯 🎲 🏆 🥇 🥈 🥉 🏅 🎁 🎈 🎉 🎊 🧧 🏮 🎄',
  signs:
    '❤️ 🧡 💛 💚 💙 💜 🖤 🤍 💔 💕 💖 💗 💯 💢 💤 💬 ✨ 💦 ✅ ☑️ ❌ ⭕ ❗ ❓ ⚠️ 🚫 ♻️ ➕ ➖ ➡️ ⬅️ ⬆️ ⬇️ 🔴 🟠 🟡 🟢 🔵 🟣 ⚫ ⚪ 🆗 🆕 🔝 0️⃣ 1️⃣ 2️⃣ 3️⃣ 4️⃣ 5️⃣ 6️⃣ 7️⃣ 8️⃣ 9️⃣ 🔟',
}

const GROUPS: readonly EmojiGroup[] = ['faces', 'hands', 'nature', 'food', 'school', 'signs']

export const EMOJI: ReadonlyArray<{ readonly group: EmojiGroup; readonly all: readonly string[] }> = GROUPS.map(
  (group) => ({ group, all: ROWS[group].split(' ') }),
)

const RECENT = 18

/** The last one first, each once. */
export function withRecent(recent: readonly string[], used: string): readonly string[] {
  return [used, ...recent.filter((emoji) => emoji !== used)].slice(0, RECENT)
}

/** Where an arrow key leads in rows of so many; the same place at an edge. */
export function nextCell(key: string, at: number, { cells, columns }: { cells: number; columns: number }): number {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
  }
  const next = key === 'Home' ? 0 : key === 'End' ? cells - 1 : at + (steps[key] ?? 0)
  return next >= 0 && next < cells ? next : at
}
