package io.nuthatch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.nuthatch.engine.Clock;
import io.nuthatch.engine.Config;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `enable-debug-command` as real Redis understands it: the tests' clients come from this machine.
class DebugPermissionTest {
    @ParameterizedTest
    @CsvSource({"no,false", "local,true", "yes,true"})
    void debugIsForThoseWhomTheConfigurationAllowsIt(String who, boolean allowed)
            throws InterruptedException, IOException {
        Config config = new Config();
        config.set(Map.of("port", String.valueOf(RealRedis.freePort()), "enable-debug-command", who));
        Reply theirs;
        try (RealRedis redis = RealRedis.start("--enable-debug-command", who);
                RespClient client = RespClient.connect(redis.port())) {
            theirs = client.call("DEBUG", "SLEEP", "0");
        }
        Server server = Server.start(config, Clock.SYSTEM);
        try (RespClient client = RespClient.connect(server.port())) {
            Reply ours = client.call("DEBUG", "SLEEP", "0");
            assertThat(ours).isEqualTo(theirs);
            assertThat(ours.equals(new Reply.Simple("OK"))).isEqualTo(allowed);
        } finally {
            server.close();
        }
    }
}
