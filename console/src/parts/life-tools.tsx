/** What can be taken away from a card: its numbers as CSV, the card itself as a picture. */
import { DownloadOutlined, PictureOutlined } from '@ant-design/icons'
import { App, Button, theme } from 'antd'
import { useWords } from '../words'
import { savePicture } from './picture'

export function LifeTools({ of, csv }: { of: string; csv: string }) {
  const { t, problem } = useWords()
  const { token } = theme.useToken()
  const { message } = App.useApp()
  const save = () => {
    const card = document.getElementById(of)
    if (card) savePicture(card, of, token.colorBgContainer).catch((error) => message.error(problem(error)))
  }
  return (
    <span className="row no-print">
      <Button size="small" icon={<PictureOutlined />} onClick={save}>
        {t('lf_png')}
      </Button>
      <Button size="small" icon={<DownloadOutlined />} href={csv} download>
        {t('csv')}
      </Button>
    </span>
  )
}
