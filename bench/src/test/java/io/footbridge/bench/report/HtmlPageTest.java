package io.footbridge.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.footbridge.bench.result.SampleRuns;
import java.io.StringReader;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class HtmlPageTest {
    private final String page = HtmlPage.of(SampleRuns.run(0.5));

    @Test
    void thePageIsWellFormed() throws Exception {
        DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        Document document = builder.parse(new InputSource(new StringReader(page.replace("&middot;", "-"))));
        assertThat(document.getElementsByTagName("svg").getLength()).isGreaterThan(8);
        assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(2);
    }

    @Test
    void itNeedsNothingElse() {
        assertThat(page).doesNotContain("http:", "https:", "<script", "@import", "url(", "src=", "<link");
    }

    @Test
    void whatComesFromOutsideIsEscaped() {
        assertThat(page).contains("6.18 &lt;test&gt; &amp; &quot;quoted&quot;", "it &lt;broke&gt;", "A note &amp; &lt;more&gt;.")
                .doesNotContain("<test>", "<no>", "<broke>", "{{");
    }

    @Test
    void absentModesSayWhy() {
        assertThat(page).contains("failed: it said &quot;&lt;no&gt;&quot; &amp; ended");
    }

    @Test
    void theTerminalSaysTheSame() {
        String text = TerminalReport.of(SampleRuns.run(0.5));
        assertThat(text).contains("Footbridge, TAP", "0.50", "95 % interval", "Not measured", "agrees within 15 %", "round 3: it <broke>");
    }
}
