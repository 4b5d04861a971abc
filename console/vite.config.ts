import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// `npm run dev` shows the console at :5173 and asks a server started with scripts/up.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../src/tiefen/web/console',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 1_500,
    rollupOptions: {
      output: {
        manualChunks(id: string) {
          if (/node_modules\/(echarts|zrender)\//.test(id)) return 'charts'
          if (/node_modules\/html-to-image\//.test(id)) return 'pictures'
          if (/node_modules\//.test(id)) return 'library'
          return undefined
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8000', '/login': 'http://127.0.0.1:8000' } },
})
