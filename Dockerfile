# The web process, the worker and the migrations: one image, told apart by the command.
FROM python:3.11-slim AS packages
COPY requirements.txt .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

# The residents' app and the console, built once for every phone and desk.
FROM node:24-slim AS pages
WORKDIR /frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc frontend/tsconfig.base.json ./
COPY frontend/shared/package.json shared/
COPY frontend/resident/package.json resident/
COPY frontend/console/package.json console/
COPY frontend/wechat-shell/package.json wechat-shell/
RUN npm ci --workspace resident --workspace console --workspace shared --include-workspace-root --silent
COPY frontend/shared shared
COPY frontend/resident resident
COPY frontend/console console
COPY frontend/build build
RUN npm run build

FROM python:3.11-slim
# Slips and sheets are drawn with Pango, in a font that has Chinese.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/gongyi --create-home gongyi \
 && mkdir /var/lib/gongyi-keys && chown gongyi /var/lib/gongyi-keys && chmod 700 /var/lib/gongyi-keys
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/gongyi
COPY alembic.ini ./
COPY migrations migrations
COPY --from=pages /frontend/resident/dist frontend/resident/dist
COPY --from=pages /frontend/console/dist frontend/console/dist
COPY app app
RUN printf '#!/bin/sh\nexec python -m app.cli "$@"\n' > /usr/local/bin/gongyi && chmod 755 /usr/local/bin/gongyi
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/srv/gongyi \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    GONGYI_HOME=/var/lib/gongyi \
    GONGYI_KEY_STORE=/var/lib/gongyi-keys
USER gongyi
EXPOSE 8000
ENTRYPOINT ["gongyi"]
CMD ["serve", "--host", "0.0.0.0"]
