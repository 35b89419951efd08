// What draws maps: much, and few boards have one.
export { MapChart } from 'echarts/charts'
