import { createServer } from "node:http";

import { Links } from "./lib/links.js";

const links = new Links();

const server = createServer(async (request, response) => {
  if (request.method === "POST") {
    let body = "";
    for await (const chunk of request) {
      body += chunk;
    }
    console.log("new link", body);
    response.end(`/${links.add(body.trim())}\n`);
    return;
  }
  const target = links.find(request.url.slice(1));
  if (target) {
    response.writeHead(302, { location: target });
  } else {
    response.writeHead(404);
  }
  response.end();
});

server.listen(Number(process.env.PORT ?? 8080));
