# The platform: web server, worker and simulated city are the same image with another command.
# compose.yaml runs them beside a PostGIS. GDAL and GEOS come with the wheels, so nothing is installed by apt.
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1

WORKDIR /srv/geoplatform

# The requirements first: this layer is made anew only when they change.
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt

COPY . .
RUN python -m compileall -q . \
    && export GEOPLATFORM_SECRET_KEY=unused-while-building \
    && python manage.py collectstatic --no-input --verbosity 0 \
    && python manage.py shell -c 'from layers import warm; warm.compile_loops()' \
    && useradd --system --no-create-home --shell /usr/sbin/nologin geoplatform \
    && install -d -o geoplatform -g geoplatform var /photos /exports /briefs && chown -R geoplatform:geoplatform var

USER geoplatform
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=4)"]

# Exec form: granian is the first process and hears SIGTERM itself.
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--log-level", "warning", \
     "--respawn-interval", "20", "geoplatform.wsgi:application"]
