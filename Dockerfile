# The backend as an image. `docker build --tag solarium .` makes the one for production;
# `--target sandbox` adds the stand-ins of the providers, for compose.yaml alone.
#
# The tag names Python's minor version and Debian's release, so that a build gets their security
# fixes. To build the same bytes again, pin what the tag means today:
#   docker buildx imagetools inspect python:3.11-slim-bookworm --format '{{.Manifest.Digest}}'
#   docker build --build-arg PYTHON=python:3.11-slim-bookworm@sha256:… .
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS dependencies
# requirements-azure-monitor.txt where APPLICATIONINSIGHTS_CONNECTION_STRING is to be set.
ARG REQUIREMENTS=requirements.txt
WORKDIR /app
COPY requirements.txt requirements-azure-monitor.txt ./
# Wheels only: nothing is compiled, so no compiler is needed. The bytecode is made here and believed
# unseen, since nothing in the image ever changes and nobody may write it later.
RUN python -m venv --without-pip .venv \
 && python -m pip --python .venv/bin/python install --no-cache-dir --no-compile \
    --disable-pip-version-check --only-binary=:all: --requirement "$REQUIREMENTS" \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash .venv/lib

FROM dependencies AS development-dependencies
COPY requirements-dev.txt ./
RUN python -m pip --python .venv/bin/python install --no-cache-dir \
    --disable-pip-version-check --only-binary=:all: --requirement requirements-dev.txt

FROM ${PYTHON} AS production
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Solarium integrations" \
      org.opencontainers.image.description="OTP by SMS, email, and documents by short-lived SAS links" \
      org.opencontainers.image.revision="$REVISION"
# Files belong to root, so the service cannot change itself; the number is for Kubernetes'
# runAsNonRoot, which knows no names.
RUN groupadd --gid 10001 solarium \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin solarium
ENV HOST=0.0.0.0 \
    PORT=8000 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=dependencies /app/.venv .venv
COPY manage.py ./
COPY bin/serve bin/healthy bin/
COPY templates templates
COPY integrations integrations
COPY api api
COPY emails emails
COPY accounts accounts
COPY otp otp
COPY documents documents
COPY solarium solarium
RUN .venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
    integrations api emails accounts otp documents solarium
USER 10001:10001
EXPOSE 8000
# It says nothing of database and cache: a restart would not bring these back (/readyz does).
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["bin/healthy"]
# bin/serve becomes the server (exec), so the signal reaches it; requests under way get 20 s.
STOPSIGNAL SIGTERM
CMD ["bin/serve"]

FROM production AS sandbox
# Stand-ins of the providers and the demo console: never deployed, as it needs DJANGO_DEBUG.
COPY --from=development-dependencies /app/.venv .venv
COPY sandbox sandbox
USER root
RUN install -d -o 10001 -g 10001 -m 0700 /console
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD [".venv/bin/python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8025/faults', timeout=4)"]
CMD [".venv/bin/python", "manage.py", "run_sandbox"]

# The last stage is what a build without --target makes.
FROM production
