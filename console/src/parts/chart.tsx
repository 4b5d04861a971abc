/** An ECharts canvas that follows size and theme. Only the kinds of charts in use are bundled. */
import { theme } from 'antd'
import { BarChart, GraphChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts'
import {
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components'
import type { EChartsCoreOption } from 'echarts/core'
import * as echarts from 'echarts/core'
import { LabelLayout } from 'echarts/features'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'

echarts.use([
  BarChart,
  GraphChart,
  HeatmapChart,
  LineChart,
  ScatterChart,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
  CanvasRenderer,
  LabelLayout,
])

export const COLOURS = [
  '#0f9d8a',
  '#e8833a',
  '#4c78c9',
  '#d4527a',
  '#8f6cc0',
  '#c9a227',
  '#3ba5c9',
  '#7a9a3a',
  '#b5654a',
  '#5f6f8f',
]

export interface ChartEvent {
  dataType?: string
  data?: unknown
  name?: string
}

export function Chart(props: {
  option: EChartsCoreOption
  height: number | string
  label: string
  onClick?: (event: ChartEvent) => void
}) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts | null>(null)
  const click = useRef(props.onClick)
  click.current = props.onClick
  const { token } = theme.useToken()
  useEffect(() => {
    if (!place.current) return
    // What goes on paper is looked at closer than a screen.
    const onPaper = place.current.closest('.report') !== null
    const made = echarts.init(place.current, null, onPaper ? { devicePixelRatio: 2 } : {})
    chart.current = made
    made.on('click', (event) => click.current?.(event as ChartEvent))
    const watching = new ResizeObserver(() => made.resize())
    watching.observe(place.current)
    return () => {
      watching.disconnect()
      made.dispose()
      chart.current = null
    }
  }, [])
  useEffect(() => {
    const line = { lineStyle: { color: token.colorBorderSecondary } }
    const axis = {
      axisLine: { lineStyle: { color: token.colorBorder } },
      axisLabel: { color: token.colorTextSecondary, hideOverlap: true },
      splitLine: line,
      nameTextStyle: { color: token.colorTextSecondary },
    }
    const dressed = (given: unknown) =>
      (Array.isArray(given) ? given : given ? [given] : []).map((one) => ({ ...axis, ...(one as object) }))
    // The name of a vertical axis begins (or ends) at the axis, so that a long one is not cut off at the edge.
    const upright = (given: unknown) =>
      dressed(given).map((one, at) => ({
        ...one,
        nameTextStyle: { align: at ? 'right' : 'left', ...one.nameTextStyle },
      }))
    const { xAxis, yAxis, tooltip, legend, ...rest } = props.option as Record<string, unknown>
    chart.current?.setOption(
      {
        color: COLOURS,
        animationDuration: 250,
        textStyle: { fontFamily: token.fontFamily, color: token.colorText },
        ...rest,
        ...(xAxis ? { xAxis: dressed(xAxis), yAxis: upright(yAxis) } : {}),
        ...(legend
          ? { legend: { textStyle: { color: token.colorTextSecondary }, ...(legend as object) } }
          : {}),
        tooltip: {
          backgroundColor: token.colorBgElevated,
          borderColor: token.colorBorder,
          textStyle: { color: token.colorText, fontSize: 13 },
          confine: true,
          ...(tooltip as object),
        },
      },
      { notMerge: true },
    )
  }, [props.option, token])
  return (
    <div ref={place} role="img" aria-label={props.label} style={{ height: props.height, width: '100%' }} />
  )
}

/** Text in a tooltip, which ECharts takes for HTML. */
export function plain(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c] ?? c,
  )
}
