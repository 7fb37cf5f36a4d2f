// The document is asked for from the page's own site; nothing is sent elsewhere, not even for a badge.
window.SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "none",
  validatorUrl: null,
});
