// Amounts are whole numbers of base units, in BigInt from the trace to the page: nothing is rounded
// but what is said to be a share, or is only drawn.
import { el } from './dom.js';

export function units(text) {
  return typeof text === 'string' && /^[0-9]{1,80}$/.test(text) ? BigInt(text) : 0n;
}

export const sum = (list) => list.reduce((a, b) => a + b, 0n);

// "1,234.50000000", exact.
export function decimal(amount, decimals) {
  const digits = amount.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  return decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`;
}

export class Assets {
  constructor(assets) { this.assets = assets; }

  symbol(asset) { return this.assets[asset]?.symbol ?? asset; }

  // Without its symbol. More than eight digits after the point are cut, and the cut is shown.
  coins(amount, asset) {
    const decimals = this.assets[asset]?.decimals;
    if (typeof decimals !== 'number') return `${decimal(amount, 0)} units`;
    const text = decimal(amount, decimals);
    if (decimals <= 8) return text;
    const kept = text.slice(0, text.length - decimals + 8);
    const rest = text.slice(text.length - decimals + 8);
    return /^0*$/.test(rest) ? kept.replace(/0{1,6}$/, '') : `${kept}…`;
  }

  text(amount, asset) { return `${this.coins(amount, asset)} ${this.symbol(asset)}`; }

  // An element whose title has every digit.
  cell(amount, asset) {
    const decimals = this.assets[asset]?.decimals ?? 0;
    return el('span', {
      class: amount === 0n ? 'amount zero' : 'amount', 'data-units': amount.toString(),
      title: `${decimal(amount, decimals)} ${this.symbol(asset)}`,
    }, amount === 0n ? '0' : this.coins(amount, asset));
  }
}

// For drawing: part / whole as a number.
export function share(part, whole) {
  if (whole <= 0n) return 0;
  return Number((part * 1000000n) / whole) / 1000000;
}

export function percent(fraction) {
  if (fraction > 0 && fraction < 0.0005) return '<\u00a00.1\u00a0%';
  return `${(fraction * 100).toFixed(1)}\u00a0%`;
}
