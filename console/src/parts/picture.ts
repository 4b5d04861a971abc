/** A part of a page as a picture: as it stands, on white, at twice the points, without its buttons. */

export async function savePicture(of: HTMLElement, name: string, background = '#fff') {
  const { toBlob } = await import('html-to-image')
  const picture = await toBlob(of, {
    backgroundColor: background,
    pixelRatio: 2,
    skipFonts: true,
    style: { margin: '0' },
    filter: (node) => !(node instanceof HTMLElement && node.classList.contains('no-print')),
  })
  if (!picture) throw new Error('the browser made no picture')
  const link = document.createElement('a')
  link.download = `${name.replace(/[\\/:*?"<>|]+/g, '_')}.png`
  link.href = URL.createObjectURL(picture)
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
