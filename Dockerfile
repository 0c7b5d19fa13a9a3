# Builds Airpost and packs it with a Java runtime. Data and certificates live in volumes; nothing runs as root.
#   docker build -t airpost .
#   docker run --name airpost -p 443:8443 -p 127.0.0.1:8444:8444 -e AIRPOST_CONSOLE_ADDRESS=0.0.0.0 \
#       -v airpost-data:/var/lib/airpost -v airpost-certs:/opt/airpost/certs airpost
#   docker exec airpost airpost admin add anna --role admin
FROM eclipse-temurin:25-jdk AS build
RUN apt-get update && apt-get install -y --no-install-recommends maven && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# The libraries first: this layer is made again only when the pom changes.
COPY .jdk25.sh mvnw pom.xml ./
RUN ./mvnw -B -q dependency:go-offline
COPY src src
RUN ./mvnw -B -q package -Dmaven.test.skip=true

FROM eclipse-temurin:25-jre
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 airpost && useradd --system --uid 10001 --gid airpost airpost \
    && mkdir -p /opt/airpost/certs /opt/airpost/conf /var/lib/airpost && chown -R airpost:airpost /opt/airpost /var/lib/airpost
WORKDIR /opt/airpost
COPY --from=build /src/target/airpost.jar ./
COPY --from=build /src/target/lib lib/
COPY packaging/airpost /usr/local/bin/airpost
USER 10001
VOLUME ["/opt/airpost/certs", "/var/lib/airpost"]
ENV AIRPOST_LIB=/opt/airpost AIRPOST_STORE_PATH=/var/lib/airpost/airpost.db AIRPOST_JAVA_OPTS=-XX:MaxRAMPercentage=70
EXPOSE 8443 8444
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD curl --fail --silent --insecure https://127.0.0.1:8443/healthz || exit 1
ENTRYPOINT ["airpost"]
CMD ["serve"]
