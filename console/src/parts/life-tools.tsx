/** What can be taken away from a card: its numbers as CSV, its charts as a picture. */
import { DownloadOutlined, PictureOutlined } from '@ant-design/icons'
import { Button, theme } from 'antd'
import { useWords } from '../words'

export function LifeTools({ of, csv }: { of: string; csv: string }) {
  const { t } = useWords()
  const { token } = theme.useToken()
  return (
    <span className="row no-print">
      <Button size="small" icon={<PictureOutlined />} onClick={() => save(of, token.colorBgContainer)}>
        {t('lf_png')}
      </Button>
      <Button size="small" icon={<DownloadOutlined />} href={csv} download>
        {t('csv')}
      </Button>
    </span>
  )
}

/** The canvases of a card, as they stand, on one picture. */
function save(id: string, background: string) {
  const card = document.getElementById(id)
  const charts = [...(card?.querySelectorAll('canvas') ?? [])]
  if (!card || !charts.length) return
  const box = card.getBoundingClientRect()
  const scale = Math.max(1, window.devicePixelRatio)
  const sheet = document.createElement('canvas')
  sheet.width = box.width * scale
  sheet.height = box.height * scale
  const pen = sheet.getContext('2d')
  if (!pen) return
  pen.scale(scale, scale)
  pen.fillStyle = background
  pen.fillRect(0, 0, box.width, box.height)
  for (const chart of charts) {
    const at = chart.getBoundingClientRect()
    pen.drawImage(chart, at.left - box.left, at.top - box.top, at.width, at.height)
  }
  write(pen, card, box)
  const link = document.createElement('a')
  link.download = `${id}.png`
  link.href = sheet.toDataURL('image/png')
  link.click()
}

/** The words of a card, each where it is on the page. */
function write(pen: CanvasRenderingContext2D, card: HTMLElement, box: DOMRect) {
  const texts = document.createTreeWalker(card, NodeFilter.SHOW_TEXT)
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const around = node.parentElement
    const text = node.textContent?.trim()
    if (!around || !text || around.closest('.no-print')) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const lines = [...range.getClientRects()]
    const style = getComputedStyle(around)
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
    pen.fillStyle = style.color
    pen.textBaseline = 'middle'
    const each = Math.ceil(text.length / Math.max(1, lines.length))
    lines.forEach((line, at) => {
      pen.fillText(
        lines.length === 1 ? text : text.slice(at * each, (at + 1) * each),
        line.left - box.left,
        line.top + line.height / 2 - box.top,
        line.width,
      )
    })
  }
}
