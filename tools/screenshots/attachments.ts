import sharp from 'sharp'

/** A recording of somebody humming, as long as it says: 8 kHz, 8 bits, WAV. */
export function recording(seconds: number): Buffer {
  const RATE = 8000
  const samples = Buffer.alloc(RATE * seconds)
  for (let at = 0; at < samples.length; at++) {
    const time = at / RATE
    const swell = 0.5 + 0.5 * Math.sin(2 * Math.PI * 2.2 * time)
    samples[at] = 128 + Math.round(60 * swell * Math.sin(2 * Math.PI * (180 + 30 * Math.sin(3 * time)) * time))
  }
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + samples.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(RATE, 24)
  head.writeUInt32LE(RATE, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}

/** A document of one page that shows the picture (JPEG). */
export async function pdfOf(picture: Buffer): Promise<Buffer> {
  const { width, height } = await sharp(picture).metadata()
  const box = `0 0 ${width / 2} ${height / 2}`
  const content = `q ${width / 2} 0 0 ${height / 2} 0 0 cm /P Do Q`
  const image = `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8`
  const objects = [
    Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'),
    Buffer.from('<< /Type /Pages /Kids [3 0 R] /Count 1 >>'),
    Buffer.from(
      `<< /Type /Page /Parent 2 0 R /MediaBox [${box}] /Contents 4 0 R /Resources << /XObject << /P 5 0 R >> >> >>`,
    ),
    stream('', Buffer.from(content)),
    stream(`${image} /Filter /DCTDecode`, picture),
  ]
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n')]
  const offsets: number[] = []
  for (const [index, object] of objects.entries()) {
    offsets.push(lengthOf(parts))
    parts.push(Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from('\nendobj\n'))
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  const trailer = `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer << /Size ${size} /Root 1 0 R >>\nstartxref\n${lengthOf(parts)}\n%%EOF\n`
  return Buffer.concat([...parts, Buffer.from(trailer)])
}

function stream(entries: string, bytes: Buffer): Buffer {
  const start = Buffer.from(`<< ${entries} /Length ${bytes.length} >>\nstream\n`)
  return Buffer.concat([start, bytes, Buffer.from('\nendstream')])
}

function lengthOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}
