# Nuthatch in a container. This file has not been built by its authors, who have no container engine at hand; what it
# does is what ./nuthatch does, step by step.
#
#   docker build -t nuthatch .
#   docker run -p 127.0.0.1:6379:6379 nuthatch --requirepass secret

# --- Build: modules, what they need, and a cache of classes from a rehearsed start ----------------------------------
FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /src
COPY . .
RUN MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED" \
    mvn -B -ntp -q -DskipTests -pl server -am package \
 && mkdir -p /opt/nuthatch \
 && cp -R server/target/lib /opt/nuthatch/lib \
 && cp server/src/main/jvm/server.options /opt/nuthatch/server.options

# --- Run -----------------------------------------------------------------------------------------------------------
FROM eclipse-temurin:25-jdk
RUN useradd --system --uid 10001 --home-dir /var/lib/nuthatch --create-home nuthatch
COPY --from=build /opt/nuthatch /opt/nuthatch

# The cache fits only the JVM that wrote it, so it is written by the one that will read it.
RUN java @/opt/nuthatch/server.options -XX:AOTCacheOutput=/opt/nuthatch/server.aot \
    -p /opt/nuthatch/lib -m io.nuthatch.server/io.nuthatch.server.Main rehearse

USER nuthatch
WORKDIR /var/lib/nuthatch
EXPOSE 6379

# A container has no clients of its own, so it listens everywhere. Protected mode still turns away whoever comes from
# outside as long as there is no password.
ENV NUTHATCH_BIND="* -::*"

# bash can open a connection by itself, so nothing has to be installed. A server with a password answers -NOAUTH, and
# that is an answer.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${NUTHATCH_PORT:-6379} && printf 'PING\\r\\n' >&3 && read -r -t 2 answer <&3 && [[ $answer == +PONG* || $answer == -NOAUTH* ]]"]

# exec form: the server is process 1 and gets SIGTERM itself.
ENTRYPOINT ["java", "@/opt/nuthatch/server.options", "-XX:AOTCache=/opt/nuthatch/server.aot", "-p", "/opt/nuthatch/lib", "-m", "io.nuthatch.server/io.nuthatch.server.Main", "server"]
