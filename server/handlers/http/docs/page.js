const fonts = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
const mono = "ui-monospace, Menlo, Consolas, monospace";

Redoc.init(
  "/openapi.json",
  {
    hideFab: true,
    hideHostname: true,
    showExtensions: ["x-roles"],
    jsonSamplesExpandLevel: 3,
    nativeScrollbars: true,
    sortRequiredPropsFirst: true,
    theme: {
      typography: {
        fontFamily: fonts,
        headings: { fontFamily: fonts },
        code: { fontFamily: mono },
      },
    },
    labels: {
      enum: "取值：",
      enumSingleValue: "取值：",
      default: "默认：",
      example: "示例：",
      examples: "示例：",
      recursive: "递归",
      arrayOf: "列表，元素为 ",
      noResultsFound: "没有找到",
      download: "下载",
      downloadSpecification: "下载 OpenAPI 文件",
      responses: "答复",
      requestSamples: "请求示例",
      responseSamples: "答复示例",
    },
  },
  document.getElementById("page"),
);
