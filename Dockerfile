# Builds Airpost and packs it with a Java runtime. Data and certificates live in volumes; nothing runs as root.
#   docker build -t airpost .
#   docker run -p 443:8443 -v airpost-data:/var/lib/airpost -v airpost-certs:/opt/airpost/certs airpost
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
USER 10001
VOLUME ["/opt/airpost/certs", "/var/lib/airpost"]
ENV AIRPOST_STORE_PATH=/var/lib/airpost/airpost.db
EXPOSE 8443
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD curl --fail --silent --insecure https://127.0.0.1:8443/healthz || exit 1
ENTRYPOINT ["java", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", \
    "-XX:MaxRAMPercentage=70", "-XX:+ExitOnOutOfMemoryError", "-jar", "airpost.jar"]
CMD ["serve"]
