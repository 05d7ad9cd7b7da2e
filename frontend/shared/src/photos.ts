/** Photos as a phone sends them: small enough for a weak line. */

export const LARGEST_BYTES = 300 * 1024;
const LARGEST_SIDE = 1600;
const QUALITIES = [0.82, 0.7, 0.58, 0.45, 0.32];

async function draw(file: Blob, side: number): Promise<HTMLCanvasElement> {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const scale = Math.min(1, side / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * A photo of at most 1600 pixels a side and 300 KB as JPEG; drawing it anew also drops where and when it was taken.
 *
 * @throws Error the file is no picture this phone can read
 */
export async function shrink(file: Blob): Promise<Blob> {
  for (let side = LARGEST_SIDE; side >= 400; side = Math.floor(side / 1.5)) {
    const canvas = await draw(file, side);
    for (const quality of QUALITIES) {
      const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));
      if (made !== null && made.size <= LARGEST_BYTES) return made;
    }
  }
  throw new Error("the picture does not become small enough");
}
