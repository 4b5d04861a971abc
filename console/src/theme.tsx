/** Light and dark, and antd in the language that is spoken. */
import { App as AntApp, theme as antTheme, ConfigProvider } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import dayjs from 'dayjs'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { useWords } from './words'

export type Mode = 'light' | 'dark' | 'auto'
interface Theme {
  mode: Mode
  choose: (mode: Mode) => void
  dark: boolean
}

const KEPT = 'tiefen-theme'
const Chosen = createContext<Theme>({ mode: 'auto', choose: () => {}, dark: false })
export const useTheme = () => useContext(Chosen)

function keptMode(): Mode {
  const kept = localStorage.getItem(KEPT)
  return kept === 'light' || kept === 'dark' ? kept : 'auto'
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const { language } = useWords()
  const [mode, setMode] = useState<Mode>(keptMode)
  const [systemDark, setSystemDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches)
  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)')
    const changed = () => setSystemDark(system.matches)
    system.addEventListener('change', changed)
    return () => system.removeEventListener('change', changed)
  }, [])
  const dark = mode === 'dark' || (mode === 'auto' && systemDark)
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  }, [dark])
  const chosen = useMemo<Theme>(
    () => ({
      mode,
      dark,
      choose: (next) => {
        localStorage.setItem(KEPT, next)
        setMode(next)
      },
    }),
    [mode, dark],
  )
  dayjs.locale(language === 'zh' ? 'zh-cn' : 'en')
  return (
    <Chosen value={chosen}>
      <ConfigProvider
        locale={language === 'zh' ? zhCN : enUS}
        theme={{
          algorithm: dark ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
          token: {
            colorPrimary: dark ? '#2aa198' : '#0f766e',
            colorLink: dark ? '#4fc3b8' : '#0f766e',
            borderRadius: 8,
            fontFamily:
              "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'WenQuanYi Micro Hei', sans-serif",
            ...(dark ? {} : { colorBgLayout: '#f4f6f5' }),
          },
          components: {
            Menu: dark ? {} : { itemSelectedBg: '#dcefec', itemHoverBg: '#eef5f4', itemActiveBg: '#cfe8e4' },
            Layout: { headerPadding: '0 16px', headerHeight: 52 },
            Card: { headerFontSize: 15, bodyPadding: 16, headerPadding: 16 },
            Table: { cellPaddingBlock: 9, cellPaddingInline: 10 },
          },
        }}
      >
        <AntApp>{children}</AntApp>
      </ConfigProvider>
    </Chosen>
  )
}
