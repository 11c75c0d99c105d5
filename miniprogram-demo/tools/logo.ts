import sharp from 'sharp'

/** Three pixels for each of the points it is shown in. */
const EDGE = 288

export async function writeLogo(drawing: string, file: string): Promise<void> {
  await sharp(drawing, { density: 400 }).resize(EDGE, EDGE).png({ palette: true }).toFile(file)
}
