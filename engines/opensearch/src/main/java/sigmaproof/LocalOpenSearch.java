package sigmaproof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/** One OpenSearch node on loopback, in a folder that goes with it. It stops when standard input ends. */
public final class LocalOpenSearch {
    private static final List<String> PLUGINS_2 =
            List.of(
                    "org.opensearch.transport.Netty4Plugin",
                    "org.opensearch.analysis.common.CommonAnalysisPlugin",
                    "org.opensearch.index.mapper.MapperExtrasPlugin");
    private static final List<String> PLUGINS_3 =
            List.of(
                    "org.opensearch.transport.Netty4ModulePlugin",
                    "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
                    "org.opensearch.index.mapper.MapperExtrasModulePlugin");

    /** Opens the constructor that takes plugins from the class path; 2 wants classes there, 3 descriptions. */
    private static final class PluggedNode extends Node {
        @SuppressWarnings({"rawtypes", "unchecked"})
        PluggedNode(Environment environment, Collection plugins) {
            super(environment, plugins, true);
        }
    }

    private LocalOpenSearch() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Files.createTempDirectory("sigmaproof-opensearch-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(home)));
        Files.createDirectories(home.resolve("config"));
        Files.createDirectories(home.resolve("logs"));
        Environment environment =
                InternalSettingsPreparer.prepareEnvironment(
                        settings(home, arguments[0]), Map.of(), home.resolve("config"), () -> "local");
        try (Node node = new PluggedNode(environment, plugins())) {
            node.start();
            String address = Files.readAllLines(home.resolve("logs/http.ports")).get(0);
            System.out.println("ready http://" + address + " opensearch " + Version.CURRENT);
            System.in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        System.exit(0);
    }

    private static Settings settings(Path home, String port) {
        return Settings.builder()
                .put("path.home", home.toString())
                .put("path.data", home.resolve("data").toString())
                .put("path.logs", home.resolve("logs").toString())
                .put("cluster.name", "sigmaproof-local")
                .put("node.name", "local")
                .put("node.portsfile", true)
                .put("discovery.type", "single-node")
                .put("network.host", "127.0.0.1")
                .put("http.port", port)
                .put("transport.port", "0")
                .put("http.type", "netty4")
                .put("transport.type", "netty4")
                .put("action.auto_create_index", false)
                .put("cluster.routing.allocation.disk.threshold_enabled", false)
                .build();
    }

    private static List<Object> plugins() throws ClassNotFoundException {
        boolean described = Version.CURRENT.major >= 3;
        List<Object> found = new ArrayList<>();
        for (String name : described ? PLUGINS_3 : PLUGINS_2) {
            found.add(described ? description(name) : Class.forName(name));
        }
        return found;
    }

    private static PluginInfo description(String name) {
        return new PluginInfo(name, name, "0", Version.CURRENT, "17", name, null, List.of(), false);
    }

    private static void delete(Path folder) {
        try (var paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException error) {
            System.err.println("left behind: " + folder);
        }
    }
}
