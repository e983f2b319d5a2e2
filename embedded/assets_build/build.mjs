// Builds the bundles of one Frappe app.
//
//   node build.mjs PACKAGES ENGINE APP PUBLIC OUTPUT
//
// PACKAGES  the node_modules folder     ENGINE  the folder that holds the package `frappe`
// APP       the app's name              PUBLIC  the app's public folder
// OUTPUT    gets dist/js, dist/css and bundles.json, which gives each bundle's address:
//           {"desk.bundle.js": "/assets/frappe/dist/js/desk.bundle.1A2B3C4D.js", …}

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, parse } from "node:path";
import { pathToFileURL } from "node:url";

const [packages, engine, app, publicFolder, output] = process.argv.slice(2);
const require = createRequire(join(packages, "build.mjs"));
const esbuild = require("esbuild");
const sass = require("sass");
const vue = require("esbuild-plugin-vue3");

const BUNDLE = /\.bundle\.(js|ts|css|scss)$/;
const AS_DATA_URL = [".eot", ".gif", ".jpg", ".png", ".svg", ".ttf", ".woff", ".woff2"];

function* filesBelow(folder) {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		if (entry.name === "node_modules") continue;
		const path = join(folder, entry.name);
		if (entry.isDirectory()) yield* filesBelow(path);
		else yield path;
	}
}

/** The source of every bundle, by the place of its output without extension: {"js/desk.bundle": ".../desk.bundle.js"}. */
function entryPoints() {
	const sources = {};
	for (const path of filesBelow(publicFolder)) {
		if (!BUNDLE.test(path)) continue;
		const { name, ext } = parse(path);
		const place = `${ext.endsWith("css") ? "css" : "js"}/${name}`;
		if (sources[place])
			throw new Error(`Two bundles have the same name: ${sources[place]} and ${path}`);
		sources[place] = path;
	}
	return sources;
}

/** Addresses and paths that only exist on a bench. */
const benchPaths = {
	name: "bench-paths",
	setup(build) {
		const packagesOnBench = /^frappe\/public\/node_modules\//;
		build.onResolve({ filter: /^\/assets\// }, ({ path }) => ({ path, external: true }));
		build.onResolve({ filter: packagesOnBench }, ({ path }) => ({
			path: join(packages, path.replace(packagesOnBench, "")),
		}));
	},
};

/** An imported .html file becomes an entry of frappe.templates, where the Desk looks its templates up. */
const htmlTemplates = {
	name: "html-templates",
	setup(build) {
		build.onLoad({ filter: /\.html$/ }, ({ path }) => {
			const markup = readFileSync(path, "utf8")
				.replace(/<!--[^]*?-->/g, "")
				.replace(/\s+/g, " ")
				.trim();
			// the templates are written for the inside of back-ticks: a \' in them means '
			const literal = markup.replaceAll("`", "\\`").replaceAll("${", "\\${");
			return { contents: `frappe.templates[${JSON.stringify(parse(path).name)}] = \`${literal}\`;` };
		});
	},
};

const sassStyles = {
	name: "sass-styles",
	setup(build) {
		const findFileUrl = (url) =>
			url.startsWith("~") ? pathToFileURL(join(packages, url.slice(1))) : null;
		build.onLoad({ filter: /\.scss$/ }, ({ path }) => {
			const { css } = sass.compile(path, {
				importers: [{ findFileUrl }],
				loadPaths: [engine, packages],
				// Bootstrap 4 is full of what newer versions of Sass advise against.
				logger: sass.Logger.silent,
			});
			return { contents: css, loader: "css", resolveDir: dirname(path) };
		});
	},
};

async function bundle() {
	// Vue's scoped styles are named by a hash of the component's path as seen from the working folder.
	process.chdir(engine);
	return esbuild.build({
		absWorkingDir: engine,
		bundle: true,
		define: {
			__VUE_OPTIONS_API__: "true",
			__VUE_PROD_DEVTOOLS__: "false",
			"process.env.NODE_ENV": '"production"',
		},
		entryPoints: entryPoints(),
		loader: Object.fromEntries(AS_DATA_URL.map((extension) => [extension, "dataurl"])),
		logLevel: "warning",
		metafile: true,
		minify: true,
		nodePaths: [packages, engine, join(engine, "frappe", "public", "js")],
		outdir: join(output, "dist"),
		plugins: [benchPaths, htmlTemplates, sassStyles, vue()],
		target: "es2017",
		write: false,
	});
}

/** JavaScript that puts `css` on the page. */
function asStyleElement(css) {
	const text = JSON.stringify(css);
	return `(()=>{const style=document.createElement("style");style.textContent=${text};document.head.append(style)})();\n`;
}

/** Writes `text` to dist/; the name holds a hash of it, so that browsers may keep it and still see every change. */
function write(place, text) {
	const { dir, name, ext } = parse(place);
	const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
	const path = `dist/${basename(dir)}/${name}.${hash}${ext}`;
	mkdirSync(join(output, dirname(path)), { recursive: true });
	writeFileSync(join(output, path), text);
	return `/assets/${app}/${path}`;
}

async function main() {
	const { outputFiles, metafile } = await bundle();
	const texts = Object.fromEntries(outputFiles.map((file) => [file.path, file.text]));
	const bundles = {};
	for (const [path, { entryPoint, cssBundle }] of Object.entries(metafile.outputs)) {
		if (!entryPoint) continue;
		const place = join(engine, path);
		// The Desk loads a script bundle's script, never a style sheet beside it.
		const style = cssBundle ? asStyleElement(texts[join(engine, cssBundle)]) : "";
		bundles[basename(path)] = write(place, texts[place] + style);
	}
	writeFileSync(join(output, "bundles.json"), `${JSON.stringify(bundles, null, "\t")}\n`);
}

try {
	await main();
} catch (error) {
	// esbuild has already printed what is wrong in a bundle.
	if (!error.errors) console.error(error.message);
	process.exitCode = 1;
}
