package sigmaproof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import org.elasticsearch.Version;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** One Elasticsearch node on loopback, in a folder that goes with it. It stops when standard input ends. */
public final class LocalElasticsearch {
    private static final String TRANSPORT = "transport-netty4";
    private static final String DESCRIPTOR = "plugin-descriptor.properties";

    private LocalElasticsearch() {}

    /** Arguments: the port (0: any that is free), and the folder with the transport's jars. */
    public static void main(String[] arguments) throws Exception {
        LogConfigurator.configureESLogging();
        Path home = Files.createTempDirectory("sigmaproof-elasticsearch-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(home)));
        Files.createDirectories(home.resolve("config"));
        Files.createDirectories(home.resolve("logs"));
        installTransport(Path.of(arguments[1]), home.resolve("modules").resolve(TRANSPORT));
        Environment environment =
                InternalSettingsPreparer.prepareEnvironment(
                        settings(home, arguments[0]), Map.of(), home.resolve("config"), () -> "local");
        PluginsLoader plugins =
                PluginsLoader.createPluginsLoader(
                        PluginsLoader.loadModulesBundles(environment.modulesDir(), false),
                        PluginsLoader.loadPluginsBundles(environment.pluginsDir(), false),
                        Map.of(),
                        false);
        try (Node node = new Node(environment, plugins)) {
            node.start();
            String address = Files.readAllLines(home.resolve("logs/http.ports")).get(0);
            System.out.println("ready http://" + address + " elasticsearch " + Version.CURRENT);
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
                .put("action.auto_create_index", false)
                .put("cluster.routing.allocation.disk.threshold_enabled", false)
                .build();
    }

    /** Lays the transport's jars out as the server expects a module, with the descriptor from its own jar. */
    private static void installTransport(Path jars, Path module) throws IOException {
        Files.createDirectories(module);
        try (var found = Files.list(jars)) {
            for (Path jar : found.toList()) {
                Files.copy(jar, module.resolve(jar.getFileName()));
                if (jar.getFileName().toString().startsWith(TRANSPORT)) {
                    Files.write(module.resolve(DESCRIPTOR), descriptor(jar));
                }
            }
        }
    }

    /** The published descriptor names a Java module, which does not exist on the class path. */
    private static List<String> descriptor(Path jar) {
        Predicate<String> named = line -> line.startsWith("modulename");
        try (JarFile file = new JarFile(jar.toFile())) {
            var entry = file.getEntry("META-INF/es-plugins/" + TRANSPORT + "/" + DESCRIPTOR);
            String text = new String(file.getInputStream(entry).readAllBytes());
            return text.lines().filter(named.negate()).toList();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static void delete(Path folder) {
        try (var paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException error) {
            System.err.println("left behind: " + folder);
        }
    }
}
