import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Peer } from '../http-peers.ts'
import { endWithThisProcess } from '../end-with-this-process.ts'
import { freePort, untilListening } from './ports.ts'

/** The token that the peer accepts. */
export const NGINX_TOKEN = 'token-of-the-bench'

/**
 * Starts nginx with one worker that checks a token, limits method, path and rate, replaces the credentials and logs each
 * request. Returns null if it isn't installed; `BENCH_NGINX` names it if it isn't on the PATH.
 */
export async function startNginx(origin: string): Promise<Omit<Peer, 'cpuMs'> | null> {
  const program = process.env['BENCH_NGINX'] ?? 'nginx'
  if (spawnSync(program, ['-v']).error !== undefined) return null
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-nginx-'))
  const port = await freePort()
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, new URL(origin).host))
  const child = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  child.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  endWithThisProcess(child)
  await untilListening(port)
  return { origin: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => void child.kill() }
}

function configuration(folder: string, port: number, upstream: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
daemon off; pid ${folder}/nginx.pid; worker_processes 1; error_log stderr warn;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 1024; }
http {
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  map $http_authorization $is_known { default 0; "Bearer ${NGINX_TOKEN}" 1; }
  limit_req_zone $http_authorization zone=tokens:1m rate=100000r/s;
  log_format bench escape=json '{"time":"$time_iso8601","id":"$request_id","method":"$request_method","path":"$uri","status":$status,"bytes":$body_bytes_sent,"seconds":$request_time}';
  access_log ${folder}/requests.log bench buffer=64k flush=100ms;
  upstream api { server ${upstream}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000;
    location /listings {
      if ($is_known = 0) { return 401; }
      limit_except GET { deny all; }
      limit_req zone=tokens burst=10000 nodelay;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Authorization "Bearer key";
      proxy_set_header X-Request-Id $request_id;
      proxy_pass http://api;
    }
    location / { return 404; }
  }
}
`
}
