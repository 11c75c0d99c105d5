import sharp from 'sharp'

// The pictures that are sent at the school, drawn here: no photograph of anybody.

const SKIN = ['#f6d3b3', '#f2c7a0', '#eebd92', '#f8dcc2']
const HAIR = ['#2b211c', '#3a2a20', '#1f1a1a', '#4a3426']
const SHIRTS = ['#d9534f', '#f0ad4e', '#5bc0de', '#5cb85c', '#f7c6d0', '#7e6bc4', '#f4e04d', '#3f8fc4']

/** The class on its autumn outing: three rows before trees and hills, with a banner above. */
export function classPhoto(): Promise<Buffer> {
  const rows = [
    { y: 560, size: 1, count: 9 },
    { y: 690, size: 1.1, count: 10 },
    { y: 835, size: 1.2, count: 9 },
  ]
  const children = rows.flatMap(({ y, size, count }, row) =>
    Array.from({ length: count }, (_, index) => {
      const x = 800 + (index - (count - 1) / 2) * 128 * size
      return child(x, y, size, index * 3 + row * 5)
    }),
  )
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 1067">
    <defs>
      <linearGradient id="sky" x2="0" y2="1"><stop stop-color="#8fc7ea"/><stop offset="1" stop-color="#e4f3f4"/></linearGradient>
      <linearGradient id="grass" x2="0" y2="1"><stop stop-color="#a9c46c"/><stop offset="1" stop-color="#7ea352"/></linearGradient>
    </defs>
    <rect width="1600" height="1067" fill="url(#sky)"/>
    <circle cx="1370" cy="150" r="74" fill="#ffe7a0"/>
    <path d="M0 420 Q260 230 520 400 T1040 380 T1600 360 V700 H0z" fill="#9cb9a4"/>
    <path d="M0 500 Q340 340 700 480 T1600 440 V760 H0z" fill="#7fa37f"/>
    ${[60, 210, 1400, 1545].map((x, index) => tree(x, 470 + (index % 2) * 30, index)).join('')}
    <rect y="600" width="1600" height="467" fill="url(#grass)"/>
    ${leaves()}
    <g><path d="M330 250 L318 640M1270 250 L1282 640" stroke="#7b5a3a" stroke-width="12"/>
      <path d="M316 236 Q800 282 1284 236 L1280 352 Q800 398 320 352z" fill="#c23b32"/>
      <text x="800" y="337" font-size="62" font-weight="700" letter-spacing="10" text-anchor="middle" fill="#fff3d6" font-family="Noto Serif CJK SC, serif">三年级二班 秋游留念</text></g>
    ${children.join('')}
  </svg>`
  return render(svg, 1600)
}

function child(x: number, y: number, size: number, seed: number): string {
  const skin = pick(SKIN, seed)
  const hair = pick(HAIR, seed * 7 + 1)
  const shirt = pick(SHIRTS, seed * 5 + 2)
  const isGirl = seed % 2 === 0
  const tilt = (seed % 5) * 2 - 4
  const tails = isGirl
    ? `<circle cx="-50" cy="8" r="17" fill="${hair}"/><circle cx="50" cy="8" r="17" fill="${hair}"/><circle cx="-42" cy="-6" r="7" fill="#e0526f"/><circle cx="42" cy="-6" r="7" fill="#e0526f"/>`
    : ''
  const hand =
    seed % 4 === 1
      ? `<path d="M58 150 Q92 96 74 58" stroke="${shirt}" stroke-width="24" fill="none" stroke-linecap="round"/><circle cx="74" cy="50" r="14" fill="${skin}"/><path d="M70 40 L64 18M78 40 L84 18" stroke="${skin}" stroke-width="8" stroke-linecap="round"/>`
      : ''
  return `<g transform="translate(${x} ${y}) scale(${size * 0.98})">
    ${hand}
    <path d="M-66 250 Q-72 70 0 70 Q72 70 66 250z" fill="${shirt}"/>
    <path d="M-18 62 H18 V88 Q0 104 -18 88z" fill="${skin}"/>
    <path d="M-22 78 L0 112 L22 78 L13 72 L0 90 L-13 72z" fill="#d33a32"/>
    <g transform="rotate(${tilt})">
      ${tails}
      <ellipse rx="46" ry="50" cy="16" fill="${skin}"/>
      <path d="M-48 14 Q-54 -44 0 -44 Q54 -44 48 14 Q36 ${isGirl ? -16 : -6} 6 -10 Q-24 -6 -48 14z" fill="${hair}"/>
      <circle cx="-17" cy="18" r="5.4" fill="#2a2320"/><circle cx="17" cy="18" r="5.4" fill="#2a2320"/>
      <ellipse cx="-28" cy="33" rx="9" ry="6" fill="#f09a8c" opacity=".55"/><ellipse cx="28" cy="33" rx="9" ry="6" fill="#f09a8c" opacity=".55"/>
      <path d="M-15 36 Q0 ${seed % 3 === 0 ? 58 : 52} 15 36z" fill="#fff" stroke="#a8493c" stroke-width="3.4" stroke-linejoin="round"/>
    </g>
  </g>`
}

function tree(x: number, y: number, seed: number): string {
  const crown = pick(['#d98a2b', '#c4692a', '#e0a63a', '#b9802c'], seed)
  return `<rect x="${x - 14}" y="${y}" width="28" height="190" fill="#7b5a3a"/>
    <circle cx="${x}" cy="${y - 40}" r="110" fill="${crown}"/><circle cx="${x - 62}" cy="${y + 20}" r="74" fill="${crown}"/>
    <circle cx="${x + 62}" cy="${y + 14}" r="78" fill="${crown}" opacity=".92"/>`
}

function leaves(): string {
  return Array.from({ length: 46 }, (_, index) => {
    const [x, y] = [(index * index * 37) % 1600, 640 + ((index * 211) % 410)]
    return `<ellipse cx="${x}" cy="${y}" rx="11" ry="5" fill="${pick(['#d98a2b', '#c4692a', '#e8c04a'], index)}" transform="rotate(${(index * 53) % 180} ${x} ${y})"/>`
  }).join('')
}

/** A child's drawing of the school, with crayons on paper. */
export function childsDrawing(): Promise<Buffer> {
  const crayon = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 900">
    <rect width="1200" height="900" fill="#fbf6e9"/>
    <path d="M0 690 Q300 640 620 680 T1200 660 V900 H0z" fill="#b7d58a"/>
    <g ${crayon} stroke="#6f9f4a" stroke-width="7">${wiggles(60, 700, 1100, 26)}</g>
    <circle cx="180" cy="170" r="80" fill="#ffcf4d"/>
    <g ${crayon} stroke="#f29b2e" stroke-width="12">${Array.from({ length: 12 }, (_, index) => {
      const angle = (index * Math.PI) / 6
      const at = (radius: number): string => `${180 + radius * Math.cos(angle)} ${170 + radius * Math.sin(angle)}`
      return `<path d="M${at(102)} L${at(140)}"/>`
    }).join('')}</g>
    <path d="M760 150 q30 -58 92 -34 q36 -44 88 -8 q66 -6 62 54 q-2 44 -60 44 H790 q-66 0 -30 -56z" fill="#cfe4f2"/>
    <path d="M380 680 V380 H860 V680z" fill="#f3b36b"/><path d="M350 390 L620 230 L890 390z" fill="#d2574a"/>
    <g ${crayon} stroke="#8a4a2c" stroke-width="9"><path d="M380 680 V380 H860 V680"/><path d="M350 390 L620 230 L890 390z"/></g>
    ${[430, 520, 690, 780].map((x) => `<rect x="${x}" y="430" width="62" height="74" fill="#aedcf0" stroke="#5a86a8" stroke-width="8"/><path d="M${x + 31} 430 V504 M${x} 467 H${x + 62}" stroke="#5a86a8" stroke-width="6"/>`).join('')}
    <path d="M575 680 V560 Q620 516 665 560 V680z" fill="#9a5f3c" stroke="#6d3f24" stroke-width="8"/>
    <text x="620" y="360" font-size="52" font-weight="700" text-anchor="middle" fill="#fff6dd" font-family="Noto Serif CJK SC, serif">我的学校</text>
    <path d="M960 690 V250" stroke="#8a8f94" stroke-width="10"/><path d="M965 256 Q1020 236 1070 262 V338 Q1020 314 965 334z" fill="#e0332c"/>
    <g transform="translate(250 560)"><circle r="40" fill="#f6d3b3"/><path d="M-40 -6 Q0 -66 40 -6 Q0 -26 -40 -6z" fill="#2b211c"/><path d="M-12 12 Q0 24 12 12" stroke="#a8493c" stroke-width="5" fill="none"/><circle cx="-13" cy="-2" r="5"/><circle cx="13" cy="-2" r="5"/><path d="M0 40 L-46 150 H46z" fill="#e87ea1"/><path d="M-20 80 L-66 60 M20 80 L66 60 M-18 150 V190 M18 150 V190" stroke="#c98b64" stroke-width="10" stroke-linecap="round"/></g>
    <g transform="translate(1020 590)"><circle r="38" fill="#f2c7a0"/><path d="M-38 -8 Q0 -62 38 -8 Q0 -20 -38 -8z" fill="#1f1a1a"/><path d="M-12 12 Q0 24 12 12" stroke="#a8493c" stroke-width="5" fill="none"/><circle cx="-12" cy="-2" r="5"/><circle cx="12" cy="-2" r="5"/><rect x="-36" y="40" width="72" height="80" rx="18" fill="#4f9bd0"/><path d="M-34 64 L-72 92 M34 64 L72 30 M-16 120 V168 M16 120 V168" stroke="#3c4f8a" stroke-width="11" stroke-linecap="round"/></g>
    <g transform="translate(110 800)">${[0, 1, 2, 3, 4, 5, 6].map((index) => flower(index * 165, (index % 2) * 26, index)).join('')}</g>
  </svg>`
  return render(svg, 1200)
}

function wiggles(x: number, y: number, width: number, count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const at = x + ((index * 137) % width)
    const top = y + ((index * 71) % 160)
    return `<path d="M${at} ${top + 26} l8 -26 l8 26"/>`
  }).join('')
}

function flower(x: number, y: number, seed: number): string {
  const colour = pick(['#e05c7b', '#f0a030', '#8b6cc9', '#e8e04a'], seed)
  const petals = Array.from({ length: 5 }, (_, index) => {
    const angle = (index * 2 * Math.PI) / 5
    return `<circle cx="${x + 17 * Math.cos(angle)}" cy="${y + 17 * Math.sin(angle)}" r="13" fill="${colour}"/>`
  })
  return `<path d="M${x} ${y} V${y + 60}" stroke="#5d9a3f" stroke-width="8"/>${petals.join('')}<circle cx="${x}" cy="${y}" r="11" fill="#fff3c4"/>`
}

/** The blackboard with what is to be done at home. */
export function blackboard(): Promise<Buffer> {
  const lines = [
    '语文：背诵《山行》，预习第 8 课',
    '数学：练习册第 32 页，家长签字',
    '英语：听读 Unit 3 三遍',
    '美术：带水彩笔和白纸',
  ]
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 800">
    <rect width="1200" height="800" fill="#a87b4c"/><rect x="26" y="26" width="1148" height="748" rx="6" fill="#23493f"/>
    <g fill="#f3f6ee" font-family="Noto Sans CJK SC, sans-serif">
      <text x="600" y="140" font-size="66" font-weight="700" text-anchor="middle" font-family="Noto Serif CJK SC, serif" letter-spacing="12">今日作业</text>
      ${lines.map((line, index) => `<text x="120" y="${264 + index * 108}" font-size="46"><tspan fill="#f6d26b">${index + 1}.</tspan> ${line}</text>`).join('')}
      <text x="1080" y="716" font-size="38" text-anchor="end" fill="#f7b7a9">九月二十三日 星期三</text>
    </g>
    <path d="M330 172 H870" stroke="#f6d26b" stroke-width="5" stroke-linecap="round"/>
    <rect x="70" y="748" width="90" height="16" rx="5" fill="#f6f2e4"/><rect x="180" y="748" width="60" height="16" rx="5" fill="#f2c94c"/>
  </svg>`
  return render(svg, 1200)
}

function pick<Value>(values: readonly Value[], seed: number): Value {
  const value = values[seed % values.length]
  if (value === undefined) throw new Error('nothing to pick from')
  return value
}

function render(svg: string, width: number): Promise<Buffer> {
  return sharp(Buffer.from(svg)).resize(width).jpeg({ quality: 88 }).toBuffer()
}
